ALTER TABLE `tests` ADD `has_report` integer DEFAULT 0 NOT NULL;
--> statement-breakpoint
-- Of files whose cases are known it is certain. Of others only the next report says it.
UPDATE tests SET has_report = 1 WHERE title = '' AND (is_leaf = 0 OR EXISTS (
  SELECT 1 FROM tests c WHERE c.org_id = tests.org_id AND c.test_path = tests.test_path AND c.title > ''
    AND c.repository_id = tests.repository_id AND c.target = tests.target));
