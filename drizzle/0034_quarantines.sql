CREATE TABLE `quarantines` (
	`id` text PRIMARY KEY NOT NULL,
	`org_id` text NOT NULL,
	`test_id` text NOT NULL,
	`repository_id` text NOT NULL,
	`target` text NOT NULL,
	`test_path` text NOT NULL,
	`file` text NOT NULL,
	`title` text NOT NULL,
	`case_id` text NOT NULL,
	`owner` text NOT NULL,
	`reason` text NOT NULL,
	`merge_queue` integer NOT NULL,
	`pull_request` integer NOT NULL,
	`created_at` integer NOT NULL,
	`created_by` text NOT NULL,
	`changed_at` integer NOT NULL,
	`changed_by` text NOT NULL,
	`ends_at` integer NOT NULL,
	`removed_at` integer
) STRICT;
--> statement-breakpoint
CREATE INDEX `quarantines_file` ON `quarantines` (`org_id`,`target`,`test_path`,`ends_at`);--> statement-breakpoint
CREATE INDEX `quarantines_test` ON `quarantines` (`test_id`,`ends_at`);--> statement-breakpoint
CREATE INDEX `quarantines_org` ON `quarantines` (`org_id`,`id`);--> statement-breakpoint
CREATE INDEX `quarantines_ends` ON `quarantines` (`ends_at`);--> statement-breakpoint
CREATE TABLE `__new_runs` (
	`id` text PRIMARY KEY NOT NULL,
	`org_id` text NOT NULL,
	`app_version_id` text NOT NULL,
	`status` text DEFAULT 'queued' NOT NULL,
	`conclusion` text,
	`reason` text,
	`waiting` integer DEFAULT 0 NOT NULL,
	`queued` integer DEFAULT 0 NOT NULL,
	`scheduled` integer DEFAULT 0 NOT NULL,
	`running` integer DEFAULT 0 NOT NULL,
	`passed` integer DEFAULT 0 NOT NULL,
	`failed` integer DEFAULT 0 NOT NULL,
	`errored` integer DEFAULT 0 NOT NULL,
	`cancelled` integer DEFAULT 0 NOT NULL,
	`flaky` integer DEFAULT 0 NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`installs` integer DEFAULT 0 NOT NULL,
	`install_ms` integer,
	`serves` integer DEFAULT 0 NOT NULL,
	`idempotency_key` text,
	`request_hash` text,
	`settings` text NOT NULL,
	`fail_on_flaky` integer DEFAULT 0 NOT NULL,
	`fail_on_new` integer DEFAULT 0 NOT NULL,
	`max_failures` integer,
	`retry_of` text,
	`metadata` text DEFAULT '{}' NOT NULL,
	`github` text,
	`repository_id` text DEFAULT '' NOT NULL,
	`submitted_by` text DEFAULT '' NOT NULL,
	`supersede_key` text,
	`github_run_id` integer,
	`github_sha` text,
	`branch_key` text,
	`base_key` text,
	`lane` text DEFAULT '' NOT NULL,
	`comment_key` text,
	`rerun_key` text,
	`github_attempt` integer,
	`passed_before` integer DEFAULT 0 NOT NULL,
	`report_by` text DEFAULT 'action' NOT NULL,
	`rev` integer DEFAULT 0 NOT NULL,
	`submitted_at` integer NOT NULL,
	`changed_at` integer NOT NULL,
	`started_at` integer,
	`finished_at` integer,
	`evidence_pruned_at` integer,
	CONSTRAINT "runs_status" CHECK(status IN ('queued', 'running', 'passed', 'failed', 'errored', 'cancelled')),
	CONSTRAINT "runs_conclusion" CHECK(conclusion IN ('success', 'failure', 'cancelled', 'neutral')),
	CONSTRAINT "runs_reason" CHECK(reason IN ('superseded', 'flaky', 'max_failures', 'known_failures', 'quarantined', 'app', 'report', 'rejected', 'no_device', 'device', 'infrastructure')),
	CONSTRAINT "runs_final" CHECK((finished_at IS NOT NULL) = (status IN ('passed', 'failed', 'errored', 'cancelled'))),
	CONSTRAINT "runs_concluded" CHECK((finished_at IS NOT NULL) = (conclusion IS NOT NULL)),
	CONSTRAINT "runs_counts" CHECK(min(waiting, queued, scheduled, running, passed, failed, errored, cancelled, flaky) >= 0)
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_runs`("id", "org_id", "app_version_id", "status", "conclusion", "reason", "waiting", "queued", "scheduled", "running", "passed", "failed", "errored", "cancelled", "flaky", "attempts", "installs", "install_ms", "serves", "idempotency_key", "request_hash", "settings", "fail_on_flaky", "fail_on_new", "max_failures", "retry_of", "metadata", "github", "repository_id", "submitted_by", "supersede_key", "github_run_id", "github_sha", "branch_key", "base_key", "lane", "comment_key", "rerun_key", "github_attempt", "passed_before", "report_by", "rev", "submitted_at", "changed_at", "started_at", "finished_at", "evidence_pruned_at") SELECT "id", "org_id", "app_version_id", "status", "conclusion", "reason", "waiting", "queued", "scheduled", "running", "passed", "failed", "errored", "cancelled", "flaky", "attempts", "installs", "install_ms", "serves", "idempotency_key", "request_hash", "settings", "fail_on_flaky", "fail_on_new", "max_failures", "retry_of", "metadata", "github", "repository_id", "submitted_by", "supersede_key", "github_run_id", "github_sha", "branch_key", "base_key", "lane", "comment_key", "rerun_key", "github_attempt", "passed_before", "report_by", "rev", "submitted_at", "changed_at", "started_at", "finished_at", "evidence_pruned_at" FROM `runs`;--> statement-breakpoint
DROP TABLE `runs`;--> statement-breakpoint
ALTER TABLE `__new_runs` RENAME TO `runs`;--> statement-breakpoint
CREATE UNIQUE INDEX `runs_idem` ON `runs` (`org_id`,`idempotency_key`) WHERE idempotency_key IS NOT NULL;--> statement-breakpoint
CREATE INDEX `runs_org` ON `runs` (`org_id`,`id`);--> statement-breakpoint
CREATE INDEX `runs_github` ON `runs` (`github_run_id`,`id`) WHERE github_run_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `runs_supersede` ON `runs` (`org_id`,`supersede_key`) WHERE supersede_key IS NOT NULL;--> statement-breakpoint
CREATE INDEX `runs_rerun` ON `runs` (`org_id`,`rerun_key`) WHERE rerun_key IS NOT NULL;--> statement-breakpoint
CREATE INDEX `runs_comment` ON `runs` (`org_id`,`comment_key`,`github_run_id`) WHERE comment_key IS NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `runs_rerun_once` ON `runs` (`org_id`,`rerun_key`,`github_attempt`) WHERE rerun_key IS NOT NULL AND retry_of IS NOT NULL;--> statement-breakpoint
CREATE INDEX `runs_retry` ON `runs` (`retry_of`) WHERE retry_of IS NOT NULL;--> statement-breakpoint
CREATE INDEX `runs_finished` ON `runs` (`finished_at`) WHERE finished_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `runs_evidence` ON `runs` (`finished_at`) WHERE finished_at IS NOT NULL AND evidence_pruned_at IS NULL;--> statement-breakpoint
ALTER TABLE `jobs` ADD `quarantines` text;
--> statement-breakpoint
-- The table is new, so its triggers must be made again (0013, 0016, 0018, 0019 and 0025 say what they are for).
CREATE TRIGGER runs_ended AFTER UPDATE OF finished_at ON runs
WHEN OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL
BEGIN
  UPDATE orgs SET active_runs = max(0, active_runs - 1) WHERE id = NEW.org_id;
  INSERT INTO events (at, type, org_id, run_id) VALUES (NEW.finished_at, 'run_ended', NEW.org_id, NEW.id);
END;
--> statement-breakpoint
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
--> statement-breakpoint
CREATE TRIGGER webhooks_run_finished AFTER UPDATE OF finished_at ON runs
WHEN OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL
BEGIN
  INSERT INTO outbox (id, lane, stream, kind, org_id, subject, created_at, due_at)
  SELECT 'msg_' || lower(hex(randomblob(16))), 'webhook:' || w.id, 'webhook:' || w.id || ':' || NEW.id,
    'run.finished', NEW.org_id, NEW.id, NEW.finished_at, NEW.finished_at
  FROM webhooks w WHERE w.org_id = NEW.org_id AND w.off_at IS NULL AND instr(w.events, '"run.finished"') > 0;
END;
--> statement-breakpoint
CREATE TRIGGER github_run_made AFTER INSERT ON runs WHEN NEW.report_by = 'server'
BEGIN
  INSERT INTO outbox (id, lane, stream, kind, org_id, subject, created_at, due_at) VALUES (
    'msg_' || lower(hex(randomblob(16))), 'github:' || NEW.repository_id, 'github:' || NEW.repository_id || ':' || NEW.id,
    'github.checks', NEW.org_id, NEW.id, NEW.submitted_at, NEW.submitted_at);
END;
--> statement-breakpoint
CREATE TRIGGER github_run_finished AFTER UPDATE OF finished_at ON runs
WHEN NEW.report_by = 'server' AND OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL
BEGIN
  INSERT INTO outbox (id, lane, stream, kind, org_id, subject, created_at, due_at) VALUES (
    'msg_' || lower(hex(randomblob(16))), 'github:' || NEW.repository_id, 'github:' || NEW.repository_id || ':' || NEW.id,
    'github.checks', NEW.org_id, NEW.id, NEW.finished_at, NEW.finished_at);
END;
--> statement-breakpoint
CREATE TRIGGER github_comment_due AFTER UPDATE OF finished_at ON runs
WHEN NEW.comment_key IS NOT NULL AND OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL
  AND NEW.conclusion <> 'neutral'
BEGIN
  INSERT INTO outbox (id, lane, stream, kind, org_id, subject, created_at, due_at) VALUES (
    'msg_' || lower(hex(randomblob(16))), 'github:' || NEW.repository_id,
    'github:' || NEW.repository_id || ':comment:' || NEW.org_id || ':' || NEW.comment_key,
    'github.comment', NEW.org_id, NEW.id, NEW.finished_at, NEW.finished_at);
END;
