ALTER TABLE `groups` ADD `queued_weight` real DEFAULT 0 NOT NULL;--> statement-breakpoint
UPDATE groups SET queued_weight = (SELECT coalesce(sum(weight), 0) FROM batches WHERE group_id = groups.id AND queued > 0);
--> statement-breakpoint
-- A family that came as many small runs weighs what they weigh together.
CREATE TRIGGER groups_joined AFTER INSERT ON batches WHEN NEW.queued > 0
BEGIN
  UPDATE groups SET queued_weight = queued_weight + NEW.weight WHERE id = NEW.group_id;
END;
--> statement-breakpoint
CREATE TRIGGER groups_weighed AFTER UPDATE OF queued ON batches WHEN (OLD.queued > 0) <> (NEW.queued > 0)
BEGIN
  UPDATE groups SET queued_weight = max(0, queued_weight + NEW.weight * ((NEW.queued > 0) - (OLD.queued > 0)))
  WHERE id = NEW.group_id;
END;
