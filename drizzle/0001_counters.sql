-- Every transition of a job moves the counters of its batch, group and run in the same write, whichever verb makes
-- it. A verb is then one guarded UPDATE of jobs; it cannot forget a counter.
CREATE TRIGGER jobs_moved AFTER UPDATE OF status, cancel_requested_at ON jobs
WHEN OLD.status <> NEW.status OR OLD.cancel_requested_at IS NOT NEW.cancel_requested_at
BEGIN
  UPDATE runs SET
    rev = rev + 1,
    changed_at = NEW.changed_at,
    waiting = waiting + (NEW.status = 'waiting') - (OLD.status = 'waiting'),
    queued = queued + (NEW.status = 'queued') - (OLD.status = 'queued'),
    scheduled = scheduled + (NEW.status = 'scheduled') - (OLD.status = 'scheduled'),
    running = running + (NEW.status = 'running') - (OLD.status = 'running'),
    passed = passed + (NEW.status = 'passed'),
    failed = failed + (NEW.status = 'failed'),
    errored = errored + (NEW.status = 'errored'),
    cancelled = cancelled + (NEW.status = 'cancelled'),
    flaky = flaky + (NEW.outcome IS 'flaky'),
    attempts = attempts + NEW.attempt - OLD.attempt,
    status = CASE WHEN status = 'queued' AND NEW.attempt > OLD.attempt THEN 'running' ELSE status END,
    started_at = CASE WHEN NEW.attempt > OLD.attempt THEN coalesce(started_at, NEW.started_at) ELSE started_at END
  WHERE id = NEW.run_id;
  UPDATE jobs SET rev = (SELECT rev FROM runs WHERE id = NEW.run_id) WHERE seq = NEW.seq;
  INSERT INTO events (at, type, org_id, run_id, job_id, agent_id, pool_id) VALUES (
    NEW.changed_at,
    CASE WHEN OLD.status = NEW.status THEN 'cancel_requested' ELSE NEW.status END,
    NEW.org_id, NEW.run_id, NEW.id, coalesce(NEW.agent_id, OLD.agent_id),
    CASE NEW.status WHEN 'queued' THEN (SELECT pool_id FROM batches WHERE id = NEW.batch_id) END);
END;
--> statement-breakpoint
CREATE TRIGGER jobs_queue_moved AFTER UPDATE OF status ON jobs
WHEN (OLD.status = 'queued') <> (NEW.status = 'queued')
BEGIN
  UPDATE batches SET
    queued = queued + (NEW.status = 'queued') - (OLD.status = 'queued'),
    queued_ms = queued_ms + NEW.estimate_ms * ((NEW.status = 'queued') - (OLD.status = 'queued'))
  WHERE id = NEW.batch_id;
  UPDATE groups SET
    queued = queued + (NEW.status = 'queued') - (OLD.status = 'queued'),
    queued_ms = queued_ms + NEW.estimate_ms * ((NEW.status = 'queued') - (OLD.status = 'queued'))
  WHERE id = NEW.group_id;
END;
--> statement-breakpoint
-- A lease ends in the write that takes its last job from it.
CREATE TRIGGER jobs_lease_moved AFTER UPDATE OF lease_id ON jobs
WHEN OLD.lease_id IS NOT NEW.lease_id
BEGIN
  UPDATE groups SET leased = leased + (NEW.lease_id IS NOT NULL) - (OLD.lease_id IS NOT NULL) WHERE id = NEW.group_id;
  UPDATE leases SET state = 'ended', ended_at = NEW.changed_at
  WHERE id = OLD.lease_id AND state = 'active' AND NOT EXISTS (SELECT 1 FROM jobs WHERE lease_id = OLD.lease_id);
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
