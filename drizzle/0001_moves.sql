-- Up to which event the counters are right.
INSERT INTO folded (id, seq) VALUES (1, 0);
--> statement-breakpoint
-- Every move of a job is an event, whichever verb makes it; the fold at the end of the same commit turns events into
-- counters (server/db/fold.ts). A verb is then one guarded UPDATE of jobs; it cannot forget a counter. The event's
-- number is the job's rev.
CREATE TRIGGER jobs_moved AFTER UPDATE OF status, cancel_requested_at ON jobs
WHEN OLD.status <> NEW.status OR OLD.cancel_requested_at IS NOT NEW.cancel_requested_at
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
-- A run ends in the write that ends its last job. The order of the rows is that of the lifecycle's table.
CREATE TRIGGER runs_ended AFTER UPDATE OF waiting, queued, scheduled, running ON runs
WHEN NEW.finished_at IS NULL AND NEW.waiting + NEW.queued + NEW.scheduled + NEW.running = 0
BEGIN
  UPDATE runs SET
    finished_at = NEW.changed_at,
    status = CASE
      WHEN reason = 'superseded' AND cancelled > 0 THEN 'cancelled'
      WHEN failed > 0 THEN 'failed'
      WHEN errored > 0 THEN 'errored'
      WHEN cancelled > 0 THEN 'cancelled'
      WHEN flaky > 0 AND fail_on_flaky = 1 THEN 'failed'
      WHEN passed > 0 THEN 'passed'
      ELSE 'errored' END,
    conclusion = CASE
      WHEN reason = 'superseded' AND cancelled > 0 THEN 'neutral'
      WHEN failed + errored > 0 THEN 'failure'
      WHEN cancelled > 0 THEN 'cancelled'
      WHEN flaky > 0 AND fail_on_flaky = 1 THEN 'failure'
      WHEN passed > 0 THEN 'success'
      ELSE 'failure' END,
    reason = CASE
      WHEN reason IS NOT NULL THEN reason
      WHEN failed > 0 THEN NULL
      WHEN errored > 0 THEN 'infrastructure'
      WHEN cancelled = 0 AND flaky > 0 AND fail_on_flaky = 1 THEN 'flaky' END
  WHERE id = NEW.id;
  UPDATE orgs SET active_runs = max(0, active_runs - 1) WHERE id = NEW.org_id;
  INSERT INTO events (at, type, org_id, run_id) VALUES (NEW.changed_at, 'run_ended', NEW.org_id, NEW.id);
END;
