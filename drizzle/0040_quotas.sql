CREATE TABLE `org_usage` (
	`org_id` text PRIMARY KEY NOT NULL,
	`bytes` integer DEFAULT 0 NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `upload_reservations` (
	`id` text PRIMARY KEY NOT NULL,
	`org_id` text NOT NULL,
	`bytes` integer NOT NULL,
	`until` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `upload_reservations_org` ON `upload_reservations` (`org_id`);--> statement-breakpoint
ALTER TABLE `orgs` ADD `quotas` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `orgs` ADD `untrusted_targets` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
CREATE INDEX `groups_org_live` ON `groups` (`org_id`) WHERE queued + waiting > 0;
--> statement-breakpoint
INSERT INTO org_usage (org_id, bytes)
SELECT org_id, sum(size) FROM (
  SELECT org_id, size FROM artifacts
  UNION ALL SELECT org_id, size FROM bundles
  UNION ALL SELECT org_id, size FROM app_versions WHERE size IS NOT NULL
) GROUP BY org_id;
--> statement-breakpoint
CREATE TRIGGER artifacts_stored AFTER INSERT ON artifacts BEGIN
  INSERT INTO org_usage (org_id, bytes) VALUES (NEW.org_id, NEW.size) ON CONFLICT (org_id) DO UPDATE SET bytes = bytes + excluded.bytes;
END;
--> statement-breakpoint
CREATE TRIGGER artifacts_deleted AFTER DELETE ON artifacts BEGIN
  UPDATE org_usage SET bytes = bytes - OLD.size WHERE org_id = OLD.org_id;
END;
--> statement-breakpoint
CREATE TRIGGER bundles_stored AFTER INSERT ON bundles BEGIN
  INSERT INTO org_usage (org_id, bytes) VALUES (NEW.org_id, NEW.size) ON CONFLICT (org_id) DO UPDATE SET bytes = bytes + excluded.bytes;
END;
--> statement-breakpoint
CREATE TRIGGER bundles_deleted AFTER DELETE ON bundles BEGIN
  UPDATE org_usage SET bytes = bytes - OLD.size WHERE org_id = OLD.org_id;
END;
--> statement-breakpoint
CREATE TRIGGER bundles_sized AFTER UPDATE OF size ON bundles WHEN NEW.size <> OLD.size BEGIN
  UPDATE org_usage SET bytes = bytes + NEW.size - OLD.size WHERE org_id = NEW.org_id;
END;
--> statement-breakpoint
CREATE TRIGGER builds_stored AFTER INSERT ON app_versions WHEN NEW.size IS NOT NULL BEGIN
  INSERT INTO org_usage (org_id, bytes) VALUES (NEW.org_id, NEW.size) ON CONFLICT (org_id) DO UPDATE SET bytes = bytes + excluded.bytes;
END;
--> statement-breakpoint
CREATE TRIGGER builds_sized AFTER UPDATE OF size ON app_versions WHEN NEW.size IS NOT OLD.size BEGIN
  INSERT INTO org_usage (org_id, bytes) VALUES (NEW.org_id, coalesce(NEW.size, 0) - coalesce(OLD.size, 0)) ON CONFLICT (org_id) DO UPDATE SET bytes = bytes + excluded.bytes;
END;
--> statement-breakpoint
CREATE TRIGGER builds_deleted AFTER DELETE ON app_versions WHEN OLD.size IS NOT NULL BEGIN
  UPDATE org_usage SET bytes = bytes - OLD.size WHERE org_id = OLD.org_id;
END;
