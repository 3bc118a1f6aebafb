-- Of which lane a failure was is not known yet, so what is known of the branches is learned anew.
DROP TRIGGER runs_ended_on_branch;
--> statement-breakpoint
DELETE FROM `base_runs`;
--> statement-breakpoint
DROP TABLE `base_failures`;
--> statement-breakpoint
CREATE TABLE `base_failures` (
	`org_id` text NOT NULL,
	`branch_key` text NOT NULL,
	`target` text NOT NULL,
	`test_path` text NOT NULL,
	`lane` text NOT NULL,
	`run_id` text NOT NULL,
	`github_run_id` integer DEFAULT 0 NOT NULL,
	`submitted_at` integer NOT NULL,
	`cases` text NOT NULL,
	PRIMARY KEY(`org_id`, `branch_key`, `target`, `test_path`, `lane`)
) STRICT;
--> statement-breakpoint
ALTER TABLE `base_runs` ADD `github_run_id` integer DEFAULT 0 NOT NULL;
--> statement-breakpoint
-- What failed in the last finished run of a branch (server/db/schema-base-runs.ts), kept beyond the run itself. A run that
-- was cut short, or in which nothing had a verdict, says nothing of the branch: what was known before stays. Nor does one
-- that is older than what is known: a new attempt of an old workflow run has its number, whenever it was submitted.
CREATE TRIGGER runs_ended_on_branch AFTER UPDATE OF finished_at ON runs
WHEN OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL AND NEW.branch_key IS NOT NULL
  AND NEW.cancelled = 0 AND NEW.reason IS NOT 'superseded' AND NEW.passed + NEW.failed > 0
BEGIN
  INSERT INTO base_runs (org_id, branch_key, target, lane, run_id, github_run_id, submitted_at)
    SELECT NEW.org_id, NEW.branch_key, b.target, NEW.lane, NEW.id, coalesce(NEW.github_run_id, 0), NEW.submitted_at
    FROM batches b WHERE b.run_id = NEW.id
    ON CONFLICT DO UPDATE SET run_id = excluded.run_id, github_run_id = excluded.github_run_id,
        submitted_at = excluded.submitted_at
      WHERE (excluded.github_run_id, excluded.submitted_at) >= (github_run_id, submitted_at);
  -- A pass in one lane mends the file in all of them; a failure replaces that of its own lane alone.
  DELETE FROM base_failures WHERE org_id = NEW.org_id AND branch_key = NEW.branch_key
    AND (github_run_id, submitted_at) <= (coalesce(NEW.github_run_id, 0), NEW.submitted_at)
    AND (target, test_path) IN (SELECT j.target, j.test_path FROM jobs j
      WHERE j.run_id = NEW.id AND (j.status <> 'failed' OR base_failures.lane = NEW.lane));
  INSERT INTO base_failures (org_id, branch_key, target, test_path, lane, run_id, github_run_id, submitted_at, cases)
    SELECT NEW.org_id, NEW.branch_key, j.target, j.test_path, NEW.lane, NEW.id, coalesce(NEW.github_run_id, 0),
      NEW.submitted_at,
      (SELECT json_group_array(json_array(coalesce(t.value ->> 'file', ''), t.value ->> 'name', coalesce(t.value ->> 'id', '')))
        FROM attempts a, json_each(coalesce(a.merged_tests, a.tests, '[]')) t
        WHERE a.job_id = j.id AND t.value ->> 'status' = 'failed' AND a.attempt = (
          SELECT max(v.attempt) FROM attempts v WHERE v.job_id = j.id AND v.verdict IN ('passed', 'failed')))
    FROM jobs j WHERE j.run_id = NEW.id AND j.status = 'failed'
    ON CONFLICT DO NOTHING;
END;
