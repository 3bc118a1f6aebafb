-- The weight that a pool virtually serves follows the batches' rows, as its queued weight does: a batch counts from the
-- row that makes it, or, where its jobs are delayed, from the first of them that is queued; until the clock passes it.
DROP TRIGGER batches_made;
--> statement-breakpoint
CREATE TRIGGER batches_made AFTER INSERT ON batches WHEN NEW.queued > 0
BEGIN
  UPDATE pools SET
    queued_weight = queued_weight + NEW.weight,
    virtual_weight = virtual_weight + NEW.weight * NEW.virtual
  WHERE id = NEW.pool_id;
  UPDATE batches SET held = 1 WHERE id = NEW.id AND EXISTS (
    SELECT 1 FROM devices d WHERE d.installed_group_id = NEW.group_id AND d.pool_id = NEW.pool_id);
END;
--> statement-breakpoint
CREATE TRIGGER batches_passed AFTER UPDATE OF virtual ON batches WHEN OLD.virtual <> NEW.virtual
BEGIN
  UPDATE pools SET virtual_weight = max(0, virtual_weight + NEW.weight * (NEW.virtual - OLD.virtual))
  WHERE id = NEW.pool_id;
END;
--> statement-breakpoint
-- What was delayed has come: until now its tag was its distance from the clock.
CREATE TRIGGER batches_come AFTER UPDATE OF queued ON batches WHEN NEW.queued > 0 AND NEW.run_at IS NOT NULL
BEGIN
  UPDATE batches SET run_at = NULL, virtual = 1, tag = tag + (SELECT v FROM pools WHERE id = NEW.pool_id)
  WHERE id = NEW.id;
END;
--> statement-breakpoint
-- Those that were delayed before count already, with a tag of that time.
UPDATE batches SET run_at = NULL WHERE run_at IS NOT NULL;
