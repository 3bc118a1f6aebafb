-- A run that somebody has cancelled is in the comment too: without it the comment would be of the other legs alone, all
-- green.
DROP TRIGGER github_comment_due;
--> statement-breakpoint
CREATE TRIGGER github_comment_due AFTER UPDATE OF finished_at ON runs
WHEN NEW.comment_key IS NOT NULL AND OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL
  AND NEW.conclusion <> 'neutral'
BEGIN
  INSERT INTO outbox (id, lane, stream, kind, org_id, subject, created_at, due_at) VALUES (
    'msg_' || lower(hex(randomblob(16))), 'github:' || NEW.repository_id,
    'github:' || NEW.repository_id || ':comment:' || NEW.org_id || ':' || NEW.comment_key,
    'github.comment', NEW.org_id, NEW.id, NEW.finished_at, NEW.finished_at);
END;
