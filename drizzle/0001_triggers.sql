-- What must follow a row, whichever statement writes it. The counters of runs, batches and groups are not kept here but
-- by the statements that end a commit (server/queue/open-queue.ts), which count the events of many jobs at once.

INSERT INTO counted_events (id, seq) VALUES (1, 0);
--> statement-breakpoint
-- Jobs -----------------------------------------------------------------------------------------------------------------
--
-- Every transition of a job, and a cancel that is asked for, becomes an event. So a verb is one fenced UPDATE of jobs and
-- cannot forget a counter. The number of the event becomes the job's rev.
CREATE TRIGGER jobs_transition AFTER UPDATE OF status, cancel_requested_at ON jobs
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
-- The same where the verb gave the job its rev already: the event takes that number, and the row is written only once.
CREATE TRIGGER jobs_transition_with_rev AFTER UPDATE OF status, cancel_requested_at ON jobs
WHEN NEW.rev <> OLD.rev AND (OLD.status <> NEW.status OR OLD.cancel_requested_at IS NOT NEW.cancel_requested_at)
BEGIN
  INSERT INTO events (seq, at, type, was, org_id, run_id, job_id, job_seq, lease_id, agent_id, started) VALUES (
    NEW.rev, NEW.changed_at,
    CASE WHEN OLD.status = NEW.status THEN 'cancel_requested' ELSE NEW.status END,
    CASE WHEN OLD.status <> NEW.status THEN OLD.status END,
    NEW.org_id, NEW.run_id, NEW.id, NEW.seq, coalesce(NEW.lease_id, OLD.lease_id),
    coalesce(NEW.agent_id, OLD.agent_id), NEW.attempt - OLD.attempt);
END;
--> statement-breakpoint
-- Runs -----------------------------------------------------------------------------------------------------------------
--
-- What follows the end of a run. Which end it is: server/queue/runs/conclude-runs.ts.
CREATE TRIGGER runs_ended AFTER UPDATE OF finished_at ON runs
WHEN OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL
BEGIN
  UPDATE orgs SET active_runs = max(0, active_runs - 1) WHERE id = NEW.org_id;
  INSERT INTO events (at, type, org_id, run_id) VALUES (NEW.finished_at, 'run_ended', NEW.org_id, NEW.id);
END;
--> statement-breakpoint
-- Batches --------------------------------------------------------------------------------------------------------------
--
-- pools.queued_weight and groups.queued_weight: the weights of the batches that have queued jobs.
-- pools.virtual_weight: the weights of the batches that the pool's virtual clock has not passed yet.
-- batches.held: a device of the pool has the batch's group installed, fit for work or not. The scheduler finds such a
-- batch by that device, and every other one by the index of the batches that no device holds. So it finds each of them.
CREATE TRIGGER batches_made AFTER INSERT ON batches WHEN NEW.queued > 0
BEGIN
  UPDATE pools SET
    queued_weight = queued_weight + NEW.weight,
    virtual_weight = virtual_weight + NEW.weight * NEW.virtual
  WHERE id = NEW.pool_id;
  UPDATE groups SET queued_weight = queued_weight + NEW.weight WHERE id = NEW.group_id;
  UPDATE batches SET held = 1 WHERE id = NEW.id AND EXISTS (
    SELECT 1 FROM devices d WHERE d.installed_group_id = NEW.group_id AND d.pool_id = NEW.pool_id);
END;
--> statement-breakpoint
-- The batch got its first queued job, or lost its last.
CREATE TRIGGER batches_queued AFTER UPDATE OF queued ON batches WHEN (OLD.queued > 0) <> (NEW.queued > 0)
BEGIN
  UPDATE pools SET queued_weight = max(0, queued_weight + NEW.weight * ((NEW.queued > 0) - (OLD.queued > 0)))
  WHERE id = NEW.pool_id;
  UPDATE groups SET queued_weight = max(0, queued_weight + NEW.weight * ((NEW.queued > 0) - (OLD.queued > 0)))
  WHERE id = NEW.group_id;
  UPDATE batches SET held = EXISTS (
    SELECT 1 FROM devices d WHERE d.installed_group_id = NEW.group_id AND d.pool_id = NEW.pool_id)
  WHERE id = NEW.id AND NEW.queued > 0;
END;
--> statement-breakpoint
-- The first of its delayed jobs is queued. Until now its tag was its distance from the pool's clock.
CREATE TRIGGER batches_delay_ended AFTER UPDATE OF queued ON batches WHEN NEW.queued > 0 AND NEW.run_at IS NOT NULL
BEGIN
  UPDATE batches SET run_at = NULL, virtual = 1, tag = tag + (SELECT v FROM pools WHERE id = NEW.pool_id)
  WHERE id = NEW.id;
END;
--> statement-breakpoint
-- The pool's virtual clock passed its tag, or its delay ended.
CREATE TRIGGER batches_virtual_changed AFTER UPDATE OF virtual ON batches WHEN OLD.virtual <> NEW.virtual
BEGIN
  UPDATE pools SET virtual_weight = max(0, virtual_weight + NEW.weight * (NEW.virtual - OLD.virtual))
  WHERE id = NEW.pool_id;
END;
--> statement-breakpoint
-- It moved between the org's own pool and the shared one.
CREATE TRIGGER batches_pool_changed AFTER UPDATE OF pool_id ON batches WHEN OLD.pool_id <> NEW.pool_id
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
-- Devices --------------------------------------------------------------------------------------------------------------
--
-- batches.held, from the side of the device.
CREATE TRIGGER devices_made AFTER INSERT ON devices WHEN NEW.installed_group_id IS NOT NULL
BEGIN
  UPDATE batches SET held = 1 WHERE group_id = NEW.installed_group_id AND pool_id = NEW.pool_id AND queued > 0;
END;
--> statement-breakpoint
CREATE TRIGGER devices_installed AFTER UPDATE OF installed_group_id, pool_id ON devices
WHEN OLD.installed_group_id IS NOT NEW.installed_group_id OR OLD.pool_id <> NEW.pool_id
BEGIN
  UPDATE batches SET held = NOT held
  WHERE group_id IN (OLD.installed_group_id, NEW.installed_group_id) AND queued > 0 AND held <> EXISTS (
    SELECT 1 FROM devices d WHERE d.installed_group_id = batches.group_id AND d.pool_id = batches.pool_id);
END;
