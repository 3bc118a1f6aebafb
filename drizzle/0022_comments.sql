CREATE TABLE `github_comments` (
	`org_id` text NOT NULL,
	`key` text NOT NULL,
	`comment_id` integer NOT NULL,
	`github_run_id` integer NOT NULL,
	`text_hash` text NOT NULL,
	`results` text NOT NULL,
	`written_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `key`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `github_comments_written` ON `github_comments` (`written_at`);--> statement-breakpoint
ALTER TABLE `runs` ADD `comment_key` text;--> statement-breakpoint
CREATE INDEX `runs_comment` ON `runs` (`org_id`,`comment_key`,`github_run_id`) WHERE comment_key IS NOT NULL;
--> statement-breakpoint
-- The comment of a pull request is brought up to date with each run that has something to say there, one write after the
-- other.
CREATE TRIGGER github_comment_due AFTER UPDATE OF finished_at ON runs
WHEN NEW.comment_key IS NOT NULL AND OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL
  AND NEW.conclusion NOT IN ('neutral', 'cancelled')
BEGIN
  INSERT INTO outbox (id, lane, stream, kind, org_id, subject, created_at, due_at) VALUES (
    'msg_' || lower(hex(randomblob(16))), 'github:' || NEW.repository_id,
    'github:' || NEW.repository_id || ':comment:' || NEW.org_id || ':' || NEW.comment_key,
    'github.comment', NEW.org_id, NEW.id, NEW.finished_at, NEW.finished_at);
END;
