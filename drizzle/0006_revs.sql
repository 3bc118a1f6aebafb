-- A verb that moves many jobs gives each its rev itself, above all that were given: the event then takes that number,
-- and the row is not written a second time. Where it does not, the event numbers the job, as before.
DROP TRIGGER jobs_moved;
--> statement-breakpoint
CREATE TRIGGER jobs_moved AFTER UPDATE OF status, cancel_requested_at ON jobs
WHEN NEW.rev = OLD.rev AND (OLD.status <> NEW.status OR OLD.cancel_requested_at IS NOT NEW.cancel_requested_at)
BEGIN
  INSERT INTO events (at, type, was, org_id, run_id, job_id, job_seq, lease_id, agent_id, started) VALUES (
    NEW.changed_at,
    CASE WHEN OLD.status = NEW.status THEN 'cancel_requested' ELSE NEW.status END,
    CASE WHEN OLD.status <> NEW.status THEN OLD.status END,
    NEW.org_id, NEW.run_id, NEW.id, NEW.seq, coalesce(NEW.lease_id, OLD.lease_id),
    coalesce(NEW.agent_id, OLD.agent_id), NEW.attempt - OLD.attempt);
  UPDATE jobs SET rev = last_insert_rowid() WHERE seq = NEW.seq;
END;
--> statement-breakpoint
CREATE TRIGGER jobs_moved_with_rev AFTER UPDATE OF status, cancel_requested_at ON jobs
WHEN NEW.rev <> OLD.rev AND (OLD.status <> NEW.status OR OLD.cancel_requested_at IS NOT NEW.cancel_requested_at)
BEGIN
  INSERT INTO events (seq, at, type, was, org_id, run_id, job_id, job_seq, lease_id, agent_id, started) VALUES (
    NEW.rev, NEW.changed_at,
    CASE WHEN OLD.status = NEW.status THEN 'cancel_requested' ELSE NEW.status END,
    CASE WHEN OLD.status <> NEW.status THEN OLD.status END,
    NEW.org_id, NEW.run_id, NEW.id, NEW.seq, coalesce(NEW.lease_id, OLD.lease_id),
    coalesce(NEW.agent_id, OLD.agent_id), NEW.attempt - OLD.attempt);
END;
