ALTER TABLE `quarantines` ADD `hunted_at` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `quarantines` ADD `hunt_run_id` text;--> statement-breakpoint
ALTER TABLE `quarantines` ADD `last_hunt` text;--> statement-breakpoint
ALTER TABLE `quarantines` ADD `end_told` integer;--> statement-breakpoint
CREATE INDEX `quarantines_hunted` ON `quarantines` (`org_id`,`target`) WHERE hunt_run_id IS NOT NULL;--> statement-breakpoint
ALTER TABLE `runs` ADD `quarantine_id` text;
--> statement-breakpoint
-- Nothing is hunted at once because of the upgrade: as if each had been hunted now.
UPDATE `quarantines` SET `hunted_at` = unixepoch() * 1000;
--> statement-breakpoint
-- A hunt that the server begins by itself: its quarantine names it from the commit on that stores it.
CREATE TRIGGER quarantines_hunted AFTER INSERT ON runs WHEN NEW.quarantine_id IS NOT NULL
BEGIN
  UPDATE quarantines SET hunt_run_id = NEW.id WHERE id = NEW.quarantine_id;
END;
--> statement-breakpoint
-- What the owner of a quarantine is told: what a hunt has found, and that the end is near. A stream is a quarantine. The first
-- try dates a row of it: a row knows no now, and a hunt may be written down long after its end.
CREATE TRIGGER webhooks_quarantine_hunted AFTER UPDATE OF last_hunt ON quarantines
WHEN NEW.last_hunt IS NOT NULL AND NEW.last_hunt IS NOT OLD.last_hunt
BEGIN
  INSERT INTO outbox (id, lane, stream, kind, org_id, subject, data, created_at, due_at)
  SELECT 'msg_' || lower(hex(randomblob(16))), 'webhook:' || w.id, 'webhook:' || w.id || ':' || NEW.id,
    'quarantine.hunted', NEW.org_id, NEW.id, NEW.last_hunt, 0, 0
  FROM webhooks w WHERE w.org_id = NEW.org_id AND w.off_at IS NULL AND instr(w.events, '"quarantine.hunted"') > 0;
END;
--> statement-breakpoint
CREATE TRIGGER webhooks_quarantine_ends AFTER UPDATE OF end_told ON quarantines
WHEN NEW.end_told IS NOT NULL AND NEW.end_told IS NOT OLD.end_told
BEGIN
  INSERT INTO outbox (id, lane, stream, kind, org_id, subject, data, created_at, due_at)
  SELECT 'msg_' || lower(hex(randomblob(16))), 'webhook:' || w.id, 'webhook:' || w.id || ':' || NEW.id,
    'quarantine.ends', NEW.org_id, NEW.id, json_object('ends_at', NEW.end_told), 0, 0
  FROM webhooks w WHERE w.org_id = NEW.org_id AND w.off_at IS NULL AND instr(w.events, '"quarantine.ends"') > 0;
END;
--> statement-breakpoint
-- A failure is excused no more (server/queue/runs/drop-excuses.ts): who has seen the job is told anew, as of the end of
-- its run, by which that is decided.
CREATE TRIGGER jobs_excuse_dropped AFTER UPDATE OF quarantines ON jobs
WHEN OLD.quarantines IS NOT NULL AND NEW.quarantines IS NULL
BEGIN
  INSERT INTO events (at, type, org_id, run_id, job_id, job_seq) VALUES (
    (SELECT changed_at FROM runs WHERE id = NEW.run_id), 'excuse_dropped', NEW.org_id, NEW.run_id, NEW.id, NEW.seq);
  UPDATE jobs SET rev = last_insert_rowid() WHERE seq = NEW.seq;
  UPDATE runs SET rev = (SELECT rev FROM jobs WHERE seq = NEW.seq) WHERE id = NEW.run_id;
END;
