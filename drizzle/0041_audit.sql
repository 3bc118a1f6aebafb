CREATE TABLE `audit` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`org_id` text,
	`actor_kind` text NOT NULL,
	`token_id` text NOT NULL,
	`actor_name` text NOT NULL,
	`address` text NOT NULL,
	`action` text NOT NULL,
	`target_kind` text NOT NULL,
	`target_id` text NOT NULL,
	`request_id` text NOT NULL,
	`detail` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `audit_org` ON `audit` (`org_id`);--> statement-breakpoint
CREATE INDEX `audit_org_action` ON `audit` (`org_id`,`action`);--> statement-breakpoint
CREATE INDEX `audit_action` ON `audit` (`action`);--> statement-breakpoint
CREATE INDEX `audit_token` ON `audit` (`token_id`);--> statement-breakpoint
CREATE INDEX `audit_target` ON `audit` (`target_id`);--> statement-breakpoint
CREATE INDEX `audit_at` ON `audit` (`at`);
--> statement-breakpoint
-- Nobody changes a line. Lines are deleted by their age (server/queue/retention/prune-audit.ts).
CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE(ABORT, 'lines of the audit log are never changed');
END;
