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
--> statement-breakpoint
-- What the scheduler ranks by. The weight of a pool's queued batches, moved when a batch gets its first queued job or
-- loses its last.
CREATE TRIGGER batches_made AFTER INSERT ON batches WHEN NEW.queued > 0
BEGIN
  UPDATE pools SET queued_weight = queued_weight + NEW.weight WHERE id = NEW.pool_id;
  UPDATE batches SET held = 1 WHERE id = NEW.id AND EXISTS (
    SELECT 1 FROM devices d WHERE d.installed_group_id = NEW.group_id AND d.pool_id = NEW.pool_id);
END;
--> statement-breakpoint
CREATE TRIGGER batches_filled AFTER UPDATE OF queued ON batches WHEN (OLD.queued > 0) <> (NEW.queued > 0)
BEGIN
  UPDATE pools SET queued_weight = max(0, queued_weight + NEW.weight * ((NEW.queued > 0) - (OLD.queued > 0)))
  WHERE id = NEW.pool_id;
  UPDATE batches SET held = EXISTS (
    SELECT 1 FROM devices d WHERE d.installed_group_id = NEW.group_id AND d.pool_id = NEW.pool_id)
  WHERE id = NEW.id AND NEW.queued > 0;
END;
--> statement-breakpoint
CREATE TRIGGER batches_repooled AFTER UPDATE OF pool_id ON batches WHEN OLD.pool_id <> NEW.pool_id
BEGIN
  UPDATE pools SET
    queued_weight = max(0, queued_weight - OLD.weight * (OLD.queued > 0)),
    virtual_weight = max(0, virtual_weight - OLD.weight * OLD.virtual)
  WHERE id = OLD.pool_id;
  UPDATE pools SET
    queued_weight = queued_weight + NEW.weight * (NEW.queued > 0),
    virtual_weight = virtual_weight + NEW.weight * NEW.virtual
  WHERE id = NEW.pool_id;
  UPDATE batches SET held = EXISTS (
    SELECT 1 FROM devices d WHERE d.installed_group_id = NEW.group_id AND d.pool_id = NEW.pool_id)
  WHERE id = NEW.id;
END;
--> statement-breakpoint
-- A batch is held while a device of its pool has its group installed, fit for work or not: the choice then looks at it
-- by that device, and otherwise by the index of those that nobody holds. So it is always found.
CREATE TRIGGER devices_installed AFTER UPDATE OF installed_group_id, pool_id ON devices
WHEN OLD.installed_group_id IS NOT NEW.installed_group_id OR OLD.pool_id <> NEW.pool_id
BEGIN
  UPDATE batches SET held = NOT held
  WHERE group_id IN (OLD.installed_group_id, NEW.installed_group_id) AND queued > 0 AND held <> EXISTS (
    SELECT 1 FROM devices d WHERE d.installed_group_id = batches.group_id AND d.pool_id = batches.pool_id);
END;
--> statement-breakpoint
CREATE TRIGGER devices_made AFTER INSERT ON devices WHEN NEW.installed_group_id IS NOT NULL
BEGIN
  UPDATE batches SET held = 1 WHERE group_id = NEW.installed_group_id AND pool_id = NEW.pool_id AND queued > 0;
END;
