CREATE TABLE `github_checks` (
	`run_id` text NOT NULL,
	`target` text NOT NULL,
	`check_id` integer NOT NULL,
	`ended` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`run_id`, `target`)
) STRICT;

--> statement-breakpoint
-- Runs that the server itself tells GitHub of: its check runs are to be brought to what they should be, at the submit and at
-- the end, one after the other.
CREATE TRIGGER github_run_made AFTER INSERT ON runs WHEN NEW.report_by = 'server'
BEGIN
  INSERT INTO outbox (id, lane, stream, kind, org_id, subject, created_at, due_at) VALUES (
    'msg_' || lower(hex(randomblob(16))), 'github:' || NEW.repository_id, 'github:' || NEW.repository_id || ':' || NEW.id,
    'github.checks', NEW.org_id, NEW.id, NEW.submitted_at, NEW.submitted_at);
END;
--> statement-breakpoint
CREATE TRIGGER github_run_finished AFTER UPDATE OF finished_at ON runs
WHEN NEW.report_by = 'server' AND OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL
BEGIN
  INSERT INTO outbox (id, lane, stream, kind, org_id, subject, created_at, due_at) VALUES (
    'msg_' || lower(hex(randomblob(16))), 'github:' || NEW.repository_id, 'github:' || NEW.repository_id || ':' || NEW.id,
    'github.checks', NEW.org_id, NEW.id, NEW.finished_at, NEW.finished_at);
END;
