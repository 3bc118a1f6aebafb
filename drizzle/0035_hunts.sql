ALTER TABLE `batches` ADD `hunted` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `batches_hunted` ON `batches` (`pool_id`,`submitted_at`) WHERE hunted > 0;--> statement-breakpoint
ALTER TABLE `runs` ADD `hunt_times` integer;
--> statement-breakpoint
-- A hunt does not count among the open runs of its org, which share the weight of that: it runs on idle devices alone.
DROP TRIGGER runs_ended;
--> statement-breakpoint
CREATE TRIGGER runs_ended AFTER UPDATE OF finished_at ON runs
WHEN OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL
BEGIN
  UPDATE orgs SET active_runs = max(0, active_runs - (NEW.hunt_times IS NULL)) WHERE id = NEW.org_id;
  INSERT INTO events (at, type, org_id, run_id) VALUES (NEW.finished_at, 'run_ended', NEW.org_id, NEW.id);
END;
