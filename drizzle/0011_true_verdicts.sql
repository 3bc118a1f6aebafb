-- New words in CHECKs: report_error, no_device, and the reasons of a run. SQLite changes a CHECK only with its table.
CREATE TABLE `__new_attempts` (
	`job_id` text NOT NULL,
	`attempt` integer NOT NULL,
	`org_id` text NOT NULL,
	`lease_id` text NOT NULL,
	`agent_id` text NOT NULL,
	`device_id` text NOT NULL,
	`started_at` integer NOT NULL,
	`finished_at` integer,
	`duration_ms` integer,
	`verdict` text,
	`by_server` integer DEFAULT 0 NOT NULL,
	`error_class` text,
	`error` text,
	`tests` text,
	`report` text,
	`provider` text,
	PRIMARY KEY(`job_id`, `attempt`),
	CONSTRAINT "attempts_verdict" CHECK(verdict IN ('passed', 'failed', 'error', 'cancelled')),
	CONSTRAINT "attempts_class" CHECK(error_class IN ('infra_error', 'report_error', 'timeout', 'install_failed', 'build_error', 'capacity', 'lost', 'interrupted', 'rejected')),
	CONSTRAINT "attempts_finished" CHECK((finished_at IS NULL) = (verdict IS NULL))
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_attempts` (job_id, attempt, org_id, lease_id, agent_id, device_id, started_at, finished_at,
  duration_ms, verdict, by_server, error_class, error, tests, provider) SELECT job_id, attempt, org_id, lease_id,
  agent_id, device_id, started_at, finished_at, duration_ms, verdict, by_server, error_class, error, tests, provider
  FROM `attempts`;
--> statement-breakpoint
DROP TABLE `attempts`;
--> statement-breakpoint
ALTER TABLE `__new_attempts` RENAME TO `attempts`;
--> statement-breakpoint
CREATE TABLE `__new_jobs` (
	`seq` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`run_id` text NOT NULL,
	`org_id` text NOT NULL,
	`batch_id` integer NOT NULL,
	`group_id` integer NOT NULL,
	`app_version_id` text NOT NULL,
	`target` text NOT NULL,
	`framework` text NOT NULL,
	`test_path` text NOT NULL,
	`priority` integer NOT NULL,
	`status` text NOT NULL,
	`outcome` text,
	`wait_reason` text,
	`run_at` integer,
	`attempt` integer DEFAULT 0 NOT NULL,
	`max_retries` integer NOT NULL,
	`retry_failed_tests` integer NOT NULL,
	`failures` integer DEFAULT 0 NOT NULL,
	`report_errors` integer DEFAULT 0 NOT NULL,
	`test_failures` integer DEFAULT 0 NOT NULL,
	`crashes` integer DEFAULT 0 NOT NULL,
	`releases` integer DEFAULT 0 NOT NULL,
	`timeout_ms` integer NOT NULL,
	`estimate_ms` integer NOT NULL,
	`queue_deadline` integer NOT NULL,
	`lease_id` text,
	`agent_id` text,
	`device_id` text,
	`avoid_device` text,
	`avoid_until` integer,
	`cancel_requested_at` integer,
	`error` text,
	`duration_ms` integer,
	`rev` integer NOT NULL,
	`submitted_at` integer NOT NULL,
	`started_at` integer,
	`changed_at` integer NOT NULL,
	`finalized_at` integer,
	CONSTRAINT "jobs_status" CHECK(status IN ('waiting', 'queued', 'scheduled', 'running', 'passed', 'failed', 'errored', 'cancelled')),
	CONSTRAINT "jobs_outcome" CHECK(outcome IN ('passed', 'flaky', 'failed', 'infra_error', 'report_error', 'timeout', 'install_failed', 'build_error', 'rejected', 'poison', 'no_device', 'expired_in_queue', 'cancelled')),
	CONSTRAINT "jobs_wait_reason" CHECK(wait_reason IN ('delay', 'backoff', 'install_failed', 'capacity')),
	CONSTRAINT "jobs_leased" CHECK((lease_id IS NOT NULL) = (status IN ('scheduled', 'running'))),
	CONSTRAINT "jobs_finalized" CHECK((finalized_at IS NOT NULL) = (status IN ('passed', 'failed', 'errored', 'cancelled'))),
	CONSTRAINT "jobs_waiting" CHECK((status = 'waiting') = (run_at IS NOT NULL)),
	CONSTRAINT "jobs_waiting_why" CHECK((status = 'waiting') = (wait_reason IS NOT NULL)),
	CONSTRAINT "jobs_judged" CHECK((finalized_at IS NOT NULL) = (outcome IS NOT NULL))
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_jobs` (seq, id, run_id, org_id, batch_id, group_id, app_version_id, target, framework, test_path,
  priority, status, outcome, wait_reason, run_at, attempt, max_retries, retry_failed_tests, failures, test_failures,
  crashes, releases, timeout_ms, estimate_ms, queue_deadline, lease_id, agent_id, device_id, avoid_device,
  avoid_until, cancel_requested_at, error, duration_ms, rev, submitted_at, started_at, changed_at, finalized_at)
  SELECT seq, id, run_id, org_id, batch_id, group_id, app_version_id, target, framework, test_path, priority, status,
  outcome, wait_reason, run_at, attempt, max_retries, retry_failed_tests, failures, test_failures, crashes, releases,
  timeout_ms, estimate_ms, queue_deadline, lease_id, agent_id, device_id, avoid_device, avoid_until,
  cancel_requested_at, error, duration_ms, rev, submitted_at, started_at, changed_at, finalized_at FROM `jobs`;
--> statement-breakpoint
DROP TABLE `jobs`;
--> statement-breakpoint
ALTER TABLE `__new_jobs` RENAME TO `jobs`;
--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_id` ON `jobs` (`id`);
--> statement-breakpoint
CREATE INDEX `jobs_rev` ON `jobs` (`run_id`,`rev`);
--> statement-breakpoint
CREATE INDEX `jobs_run` ON `jobs` (`run_id`);
--> statement-breakpoint
CREATE INDEX `jobs_org` ON `jobs` (`org_id`);
--> statement-breakpoint
CREATE INDEX `jobs_org_status` ON `jobs` (`org_id`,`status`);
--> statement-breakpoint
CREATE INDEX `jobs_group` ON `jobs` (`group_id`);
--> statement-breakpoint
CREATE INDEX `jobs_agent` ON `jobs` (`agent_id`) WHERE agent_id IS NOT NULL;
--> statement-breakpoint
CREATE INDEX `jobs_batch` ON `jobs` (`batch_id`,estimate_ms DESC) WHERE status = 'queued';
--> statement-breakpoint
CREATE INDEX `jobs_wait` ON `jobs` (`run_at`) WHERE status = 'waiting';
--> statement-breakpoint
CREATE INDEX `jobs_expire` ON `jobs` (`queue_deadline`) WHERE status IN ('waiting', 'queued');
--> statement-breakpoint
CREATE INDEX `jobs_lease` ON `jobs` (`lease_id`) WHERE lease_id IS NOT NULL;
--> statement-breakpoint
CREATE INDEX `jobs_running` ON `jobs` ((started_at + timeout_ms)) WHERE status = 'running';
--> statement-breakpoint
CREATE INDEX `jobs_dead` ON `jobs` (`org_id`) WHERE status IN ('failed', 'errored');
--> statement-breakpoint
CREATE INDEX `jobs_final` ON `jobs` (`finalized_at`) WHERE finalized_at IS NOT NULL;
--> statement-breakpoint
CREATE TABLE `__new_durations` (
	`org_id` text NOT NULL,
	`repository_id` text DEFAULT '' NOT NULL,
	`target` text NOT NULL,
	`test_path` text NOT NULL,
	`p80_ms` integer NOT NULL,
	`changed_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `repository_id`, `target`, `test_path`)
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_durations` (org_id, target, test_path, p80_ms, changed_at) SELECT org_id, target, test_path,
  p80_ms, changed_at FROM `durations`;
--> statement-breakpoint
DROP TABLE `durations`;
--> statement-breakpoint
ALTER TABLE `__new_durations` RENAME TO `durations`;
--> statement-breakpoint
ALTER TABLE `devices` ADD `strike_error` text;
--> statement-breakpoint
ALTER TABLE `batches` ADD `unoffered_until` integer;
--> statement-breakpoint
ALTER TABLE `pools` ADD `offered_at` integer;
--> statement-breakpoint
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
	`idempotency_key` text,
	`request_hash` text,
	`settings` text NOT NULL,
	`fail_on_flaky` integer DEFAULT 0 NOT NULL,
	`retry_of` text,
	`metadata` text DEFAULT '{}' NOT NULL,
	`github` text,
	`repository_id` text DEFAULT '' NOT NULL,
	`supersede_key` text,
	`github_run_id` integer,
	`github_sha` text,
	`report_by` text DEFAULT 'action' NOT NULL,
	`rev` integer DEFAULT 0 NOT NULL,
	`submitted_at` integer NOT NULL,
	`changed_at` integer NOT NULL,
	`started_at` integer,
	`finished_at` integer,
	CONSTRAINT "runs_status" CHECK(status IN ('queued', 'running', 'passed', 'failed', 'errored', 'cancelled')),
	CONSTRAINT "runs_conclusion" CHECK(conclusion IN ('success', 'failure', 'cancelled', 'neutral')),
	CONSTRAINT "runs_reason" CHECK(reason IN ('superseded', 'flaky', 'app', 'report', 'rejected', 'no_device', 'device', 'infrastructure')),
	CONSTRAINT "runs_final" CHECK((finished_at IS NOT NULL) = (status IN ('passed', 'failed', 'errored', 'cancelled'))),
	CONSTRAINT "runs_concluded" CHECK((finished_at IS NOT NULL) = (conclusion IS NOT NULL)),
	CONSTRAINT "runs_counts" CHECK(min(waiting, queued, scheduled, running, passed, failed, errored, cancelled, flaky) >= 0)
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_runs` (id, org_id, app_version_id, status, conclusion, reason, waiting, queued, scheduled, running,
  passed, failed, errored, cancelled, flaky, attempts, installs, idempotency_key, request_hash, settings,
  fail_on_flaky, retry_of, metadata, github, supersede_key, github_run_id, github_sha, report_by, rev, submitted_at,
  changed_at, started_at, finished_at, repository_id) SELECT id, org_id, app_version_id, status, conclusion, reason,
  waiting, queued, scheduled, running, passed, failed, errored, cancelled, flaky, attempts, installs, idempotency_key,
  request_hash, settings, fail_on_flaky, retry_of, metadata, github, supersede_key, github_run_id, github_sha,
  report_by, rev, submitted_at, changed_at, started_at, finished_at, coalesce(github ->> 'repository_id', '') FROM
  `runs`;
--> statement-breakpoint
DROP TABLE `runs`;
--> statement-breakpoint
ALTER TABLE `__new_runs` RENAME TO `runs`;
--> statement-breakpoint
CREATE UNIQUE INDEX `runs_idem` ON `runs` (`org_id`,`idempotency_key`) WHERE idempotency_key IS NOT NULL;
--> statement-breakpoint
CREATE INDEX `runs_org` ON `runs` (`org_id`,`id`);
--> statement-breakpoint
CREATE INDEX `runs_supersede` ON `runs` (`org_id`,`supersede_key`) WHERE supersede_key IS NOT NULL;
--> statement-breakpoint
CREATE INDEX `runs_retry` ON `runs` (`retry_of`) WHERE retry_of IS NOT NULL;
--> statement-breakpoint
ALTER TABLE `devices` RENAME COLUMN `quarantined_until` TO `benched_until`;
--> statement-breakpoint
UPDATE pools SET offered_at = (
  SELECT min(a.registered_at) FROM devices d CROSS JOIN agents a ON a.id = d.agent_id WHERE d.pool_id = pools.id);
--> statement-breakpoint
-- What agents said of other orgs' apps was believed until now.
UPDATE devices SET installed_group_id = NULL WHERE owner <> '' AND installed_group_id IN (
  SELECT g.id FROM groups g WHERE g.org_id <> devices.owner);
--> statement-breakpoint
-- The triggers of the tables that were made anew (0001, 0006), unchanged but for the reason of an errored run: the first of
-- these words that one of its errored jobs has.
CREATE TRIGGER jobs_moved AFTER UPDATE OF status, cancel_requested_at ON jobs
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
CREATE TRIGGER jobs_moved_with_rev AFTER UPDATE OF status, cancel_requested_at ON jobs
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
      WHEN errored > 0 THEN (
        SELECT CASE min(CASE outcome
            WHEN 'build_error' THEN 1 WHEN 'install_failed' THEN 1
            WHEN 'report_error' THEN 2
            WHEN 'rejected' THEN 3
            WHEN 'no_device' THEN 4
            WHEN 'expired_in_queue' THEN 5
            ELSE 6 END)
          WHEN 1 THEN 'app' WHEN 2 THEN 'report' WHEN 3 THEN 'rejected' WHEN 4 THEN 'no_device' WHEN 5 THEN 'device'
          ELSE 'infrastructure' END
        FROM jobs WHERE run_id = NEW.id AND status = 'errored')
      WHEN cancelled = 0 AND flaky > 0 AND fail_on_flaky = 1 THEN 'flaky' END
  WHERE id = NEW.id;
  UPDATE orgs SET active_runs = max(0, active_runs - 1) WHERE id = NEW.org_id;
  INSERT INTO events (at, type, org_id, run_id) VALUES (NEW.changed_at, 'run_ended', NEW.org_id, NEW.id);
END;
