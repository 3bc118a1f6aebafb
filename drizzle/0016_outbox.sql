CREATE TABLE `outbox` (
	`seq` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`lane` text NOT NULL,
	`stream` text NOT NULL,
	`ready` integer DEFAULT 0 NOT NULL,
	`kind` text NOT NULL,
	`org_id` text NOT NULL,
	`subject` text NOT NULL,
	`data` text,
	`created_at` integer NOT NULL,
	`due_at` integer NOT NULL,
	`tries` integer DEFAULT 0 NOT NULL,
	`claim` text,
	`error` text
) STRICT;
--> statement-breakpoint
CREATE INDEX `outbox_ready` ON `outbox` (`lane`,`due_at`) WHERE ready = 1;--> statement-breakpoint
CREATE INDEX `outbox_stream` ON `outbox` (`stream`,`seq`);--> statement-breakpoint
CREATE INDEX `outbox_lane` ON `outbox` (`lane`);--> statement-breakpoint
CREATE TABLE `webhooks` (
	`id` text PRIMARY KEY NOT NULL,
	`org_id` text NOT NULL,
	`url` text NOT NULL,
	`events` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_sent_at` integer,
	`failing_since` integer,
	`failures` integer DEFAULT 0 NOT NULL,
	`last_error` text,
	`dropped` integer DEFAULT 0 NOT NULL,
	`off_at` integer,
	CONSTRAINT "webhooks_failing" CHECK((failing_since IS NULL) = (failures = 0))
) STRICT;
--> statement-breakpoint
CREATE INDEX `webhooks_org` ON `webhooks` (`org_id`,`id`);
--> statement-breakpoint
-- The first row of a stream is ready; where it goes, the next one is.
CREATE TRIGGER outbox_added AFTER INSERT ON outbox
BEGIN
  UPDATE outbox SET ready = 1
  WHERE seq = NEW.seq AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.stream = NEW.stream AND o.seq < NEW.seq);
END;
--> statement-breakpoint
CREATE TRIGGER outbox_gone AFTER DELETE ON outbox
BEGIN
  UPDATE outbox SET ready = 1 WHERE seq = (SELECT min(o.seq) FROM outbox o WHERE o.stream = OLD.stream);
END;
--> statement-breakpoint
-- Webhooks: what they are told, whichever statement makes it happen. A stream is a run, or a device.
CREATE TRIGGER webhooks_run_finished AFTER UPDATE OF finished_at ON runs
WHEN OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL
BEGIN
  INSERT INTO outbox (id, lane, stream, kind, org_id, subject, created_at, due_at)
  SELECT 'msg_' || lower(hex(randomblob(16))), 'webhook:' || w.id, 'webhook:' || w.id || ':' || NEW.id,
    'run.finished', NEW.org_id, NEW.id, NEW.finished_at, NEW.finished_at
  FROM webhooks w WHERE w.org_id = NEW.org_id AND w.off_at IS NULL AND instr(w.events, '"run.finished"') > 0;
END;
--> statement-breakpoint
CREATE TRIGGER webhooks_job_finished AFTER UPDATE OF finalized_at ON jobs
WHEN OLD.finalized_at IS NULL AND NEW.finalized_at IS NOT NULL
BEGIN
  INSERT INTO outbox (id, lane, stream, kind, org_id, subject, created_at, due_at)
  SELECT 'msg_' || lower(hex(randomblob(16))), 'webhook:' || w.id, 'webhook:' || w.id || ':' || NEW.run_id,
    'job.finished', NEW.org_id, NEW.id, NEW.finalized_at, NEW.finalized_at
  FROM webhooks w WHERE w.org_id = NEW.org_id AND w.off_at IS NULL AND instr(w.events, '"job.finished"') > 0;
END;
--> statement-breakpoint
-- Devices of the org itself: a shared one belongs to no org. A row knows no now: its first try dates it.
CREATE TRIGGER webhooks_device_benched AFTER UPDATE OF benched_until, fault, blame ON devices
WHEN NEW.owner <> '' AND ((NEW.benched_until IS NOT NULL AND NEW.benched_until IS NOT OLD.benched_until)
  OR (NEW.fault IS NOT NULL AND OLD.fault IS NULL) OR (NEW.blame IS NOT NULL AND OLD.blame IS NULL))
BEGIN
  INSERT INTO outbox (id, lane, stream, kind, org_id, subject, data, created_at, due_at)
  SELECT 'msg_' || lower(hex(randomblob(16))), 'webhook:' || w.id, 'webhook:' || w.id || ':' || NEW.id,
    'device.benched', NEW.owner, NEW.id,
    json_object('agent_id', NEW.agent_id, 'name', NEW.name, 'target', NEW.target, 'fault', NEW.fault,
      'blame', NEW.blame, 'strikes', NEW.strikes, 'strike_error', NEW.strike_error, 'benched_until', NEW.benched_until),
    0, 0
  FROM webhooks w WHERE w.org_id = NEW.owner AND w.off_at IS NULL AND instr(w.events, '"device.benched"') > 0;
END;
