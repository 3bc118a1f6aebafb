UPDATE org_usage SET bytes = bytes - (
  SELECT coalesce(sum(extra), 0) FROM (
    SELECT sum(size) - max(size) AS extra FROM app_versions
    WHERE app_versions.org_id = org_usage.org_id AND size IS NOT NULL GROUP BY sha256));
--> statement-breakpoint
DROP TRIGGER builds_stored;
--> statement-breakpoint
DROP TRIGGER builds_sized;
--> statement-breakpoint
DROP TRIGGER builds_deleted;
--> statement-breakpoint
CREATE TRIGGER builds_stored AFTER INSERT ON app_versions WHEN NEW.size IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM app_versions o WHERE o.org_id = NEW.org_id AND o.sha256 = NEW.sha256 AND o.size IS NOT NULL AND o.seq <> NEW.seq) BEGIN
  INSERT INTO org_usage (org_id, bytes) VALUES (NEW.org_id, NEW.size) ON CONFLICT (org_id) DO UPDATE SET bytes = bytes + excluded.bytes;
END;
--> statement-breakpoint
CREATE TRIGGER builds_sized AFTER UPDATE OF size, sha256, org_id ON app_versions
WHEN NEW.size IS NOT OLD.size OR NEW.sha256 IS NOT OLD.sha256 OR NEW.org_id <> OLD.org_id BEGIN
  UPDATE org_usage SET bytes = bytes - OLD.size WHERE org_id = OLD.org_id AND OLD.size IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM app_versions o WHERE o.org_id = OLD.org_id AND o.sha256 = OLD.sha256 AND o.size IS NOT NULL AND o.seq <> NEW.seq);
  INSERT INTO org_usage (org_id, bytes) SELECT NEW.org_id, NEW.size WHERE NEW.size IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM app_versions o WHERE o.org_id = NEW.org_id AND o.sha256 = NEW.sha256 AND o.size IS NOT NULL AND o.seq <> NEW.seq)
  ON CONFLICT (org_id) DO UPDATE SET bytes = bytes + excluded.bytes;
END;
--> statement-breakpoint
CREATE TRIGGER builds_deleted AFTER DELETE ON app_versions WHEN OLD.size IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM app_versions o WHERE o.org_id = OLD.org_id AND o.sha256 = OLD.sha256 AND o.size IS NOT NULL) BEGIN
  UPDATE org_usage SET bytes = bytes - OLD.size WHERE org_id = OLD.org_id;
END;
