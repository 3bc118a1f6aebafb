CREATE TABLE `base_failures` (
	`org_id` text NOT NULL,
	`branch_key` text NOT NULL,
	`target` text NOT NULL,
	`test_path` text NOT NULL,
	`run_id` text NOT NULL,
	`submitted_at` integer NOT NULL,
	`cases` text NOT NULL,
	PRIMARY KEY(`org_id`, `branch_key`, `target`, `test_path`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `base_runs` (
	`org_id` text NOT NULL,
	`branch_key` text NOT NULL,
	`target` text NOT NULL,
	`lane` text NOT NULL,
	`run_id` text NOT NULL,
	`submitted_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `branch_key`, `target`, `lane`)
) STRICT;
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
	`sort_key` integer DEFAULT 0 NOT NULL,
	`queue_deadline` integer NOT NULL,
	`lease_id` text,
	`agent_id` text,
	`device_id` text,
	`avoid_device` text,
	`avoid_until` integer,
	`cancel_requested_at` integer,
	`error` text,
	`known_failure` integer,
	`known_run_id` text,
	`duration_ms` integer,
	`retried_tests` integer,
	`rev` integer NOT NULL,
	`submitted_at` integer NOT NULL,
	`started_at` integer,
	`changed_at` integer NOT NULL,
	`finalized_at` integer,
	CONSTRAINT "jobs_status" CHECK(status IN ('waiting', 'queued', 'scheduled', 'running', 'passed', 'failed', 'errored', 'cancelled')),
	CONSTRAINT "jobs_outcome" CHECK(outcome IN ('passed', 'flaky', 'failed', 'infra_error', 'report_error', 'timeout', 'install_failed', 'build_error', 'rejected', 'poison', 'no_device', 'expired_in_queue', 'cancelled', 'max_failures')),
	CONSTRAINT "jobs_wait_reason" CHECK(wait_reason IN ('delay', 'backoff', 'install_failed', 'capacity')),
	CONSTRAINT "jobs_leased" CHECK((lease_id IS NOT NULL) = (status IN ('scheduled', 'running'))),
	CONSTRAINT "jobs_finalized" CHECK((finalized_at IS NOT NULL) = (status IN ('passed', 'failed', 'errored', 'cancelled'))),
	CONSTRAINT "jobs_waiting" CHECK((status = 'waiting') = (run_at IS NOT NULL)),
	CONSTRAINT "jobs_waiting_why" CHECK((status = 'waiting') = (wait_reason IS NOT NULL)),
	CONSTRAINT "jobs_judged" CHECK((finalized_at IS NOT NULL) = (outcome IS NOT NULL))
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_jobs`("seq", "id", "run_id", "org_id", "batch_id", "group_id", "app_version_id", "target", "framework", "test_path", "priority", "status", "outcome", "wait_reason", "run_at", "attempt", "max_retries", "retry_failed_tests", "failures", "report_errors", "test_failures", "crashes", "releases", "timeout_ms", "estimate_ms", "sort_key", "queue_deadline", "lease_id", "agent_id", "device_id", "avoid_device", "avoid_until", "cancel_requested_at", "error", "duration_ms", "retried_tests", "rev", "submitted_at", "started_at", "changed_at", "finalized_at") SELECT "seq", "id", "run_id", "org_id", "batch_id", "group_id", "app_version_id", "target", "framework", "test_path", "priority", "status", "outcome", "wait_reason", "run_at", "attempt", "max_retries", "retry_failed_tests", "failures", "report_errors", "test_failures", "crashes", "releases", "timeout_ms", "estimate_ms", "sort_key", "queue_deadline", "lease_id", "agent_id", "device_id", "avoid_device", "avoid_until", "cancel_requested_at", "error", "duration_ms", "retried_tests", "rev", "submitted_at", "started_at", "changed_at", "finalized_at" FROM `jobs`;--> statement-breakpoint
DROP TABLE `jobs`;--> statement-breakpoint
ALTER TABLE `__new_jobs` RENAME TO `jobs`;--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_id` ON `jobs` (`id`);--> statement-breakpoint
CREATE INDEX `jobs_rev` ON `jobs` (`run_id`,`rev`);--> statement-breakpoint
CREATE INDEX `jobs_run` ON `jobs` (`run_id`);--> statement-breakpoint
CREATE INDEX `jobs_org` ON `jobs` (`org_id`);--> statement-breakpoint
CREATE INDEX `jobs_org_status` ON `jobs` (`org_id`,`status`);--> statement-breakpoint
CREATE INDEX `jobs_group` ON `jobs` (`group_id`);--> statement-breakpoint
CREATE INDEX `jobs_agent` ON `jobs` (`agent_id`) WHERE agent_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `jobs_batch` ON `jobs` (`batch_id`,`sort_key`) WHERE status = 'queued';--> statement-breakpoint
CREATE INDEX `jobs_wait` ON `jobs` (`run_at`) WHERE status = 'waiting';--> statement-breakpoint
CREATE INDEX `jobs_expire` ON `jobs` (`queue_deadline`) WHERE status IN ('waiting', 'queued');--> statement-breakpoint
CREATE INDEX `jobs_lease` ON `jobs` (`lease_id`) WHERE lease_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `jobs_running` ON `jobs` (started_at + timeout_ms) WHERE status = 'running';--> statement-breakpoint
CREATE INDEX `jobs_dead` ON `jobs` (`org_id`) WHERE status IN ('failed', 'errored');--> statement-breakpoint
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
	`supersede_key` text,
	`github_run_id` integer,
	`github_sha` text,
	`branch_key` text,
	`base_key` text,
	`lane` text DEFAULT '' NOT NULL,
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
	CONSTRAINT "runs_reason" CHECK(reason IN ('superseded', 'flaky', 'max_failures', 'known_failures', 'app', 'report', 'rejected', 'no_device', 'device', 'infrastructure')),
	CONSTRAINT "runs_final" CHECK((finished_at IS NOT NULL) = (status IN ('passed', 'failed', 'errored', 'cancelled'))),
	CONSTRAINT "runs_concluded" CHECK((finished_at IS NOT NULL) = (conclusion IS NOT NULL)),
	CONSTRAINT "runs_counts" CHECK(min(waiting, queued, scheduled, running, passed, failed, errored, cancelled, flaky) >= 0)
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_runs`("id", "org_id", "app_version_id", "status", "conclusion", "reason", "waiting", "queued", "scheduled", "running", "passed", "failed", "errored", "cancelled", "flaky", "attempts", "installs", "serves", "idempotency_key", "request_hash", "settings", "fail_on_flaky", "retry_of", "metadata", "github", "repository_id", "supersede_key", "github_run_id", "github_sha", "report_by", "rev", "submitted_at", "changed_at", "started_at", "finished_at", "evidence_pruned_at") SELECT "id", "org_id", "app_version_id", "status", "conclusion", "reason", "waiting", "queued", "scheduled", "running", "passed", "failed", "errored", "cancelled", "flaky", "attempts", "installs", "serves", "idempotency_key", "request_hash", "settings", "fail_on_flaky", "retry_of", "metadata", "github", "repository_id", "supersede_key", "github_run_id", "github_sha", "report_by", "rev", "submitted_at", "changed_at", "started_at", "finished_at", "evidence_pruned_at" FROM `runs`;--> statement-breakpoint
DROP TABLE `runs`;--> statement-breakpoint
ALTER TABLE `__new_runs` RENAME TO `runs`;--> statement-breakpoint
CREATE UNIQUE INDEX `runs_idem` ON `runs` (`org_id`,`idempotency_key`) WHERE idempotency_key IS NOT NULL;--> statement-breakpoint
CREATE INDEX `runs_org` ON `runs` (`org_id`,`id`);--> statement-breakpoint
CREATE INDEX `runs_supersede` ON `runs` (`org_id`,`supersede_key`) WHERE supersede_key IS NOT NULL;--> statement-breakpoint
CREATE INDEX `runs_rerun` ON `runs` (`org_id`,`rerun_key`) WHERE rerun_key IS NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `runs_rerun_once` ON `runs` (`org_id`,`rerun_key`,`github_attempt`) WHERE rerun_key IS NOT NULL AND retry_of IS NOT NULL;--> statement-breakpoint
CREATE INDEX `runs_retry` ON `runs` (`retry_of`) WHERE retry_of IS NOT NULL;--> statement-breakpoint
CREATE INDEX `runs_finished` ON `runs` (`finished_at`) WHERE finished_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `runs_evidence` ON `runs` (`finished_at`) WHERE finished_at IS NOT NULL AND evidence_pruned_at IS NULL;
--> statement-breakpoint
-- The tables are new, so their triggers must be made again (0001_triggers.sql says what they are for).
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
CREATE TRIGGER runs_ended AFTER UPDATE OF finished_at ON runs
WHEN OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL
BEGIN
  UPDATE orgs SET active_runs = max(0, active_runs - 1) WHERE id = NEW.org_id;
  INSERT INTO events (at, type, org_id, run_id) VALUES (NEW.finished_at, 'run_ended', NEW.org_id, NEW.id);
END;
