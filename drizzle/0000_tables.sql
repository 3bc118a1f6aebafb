CREATE TABLE `agents` (
	`id` text PRIMARY KEY NOT NULL,
	`owner` text NOT NULL,
	`name` text NOT NULL,
	`boot_id` text NOT NULL,
	`replaced_boots` text DEFAULT '[]' NOT NULL,
	`version` text NOT NULL,
	`drain` integer DEFAULT 0 NOT NULL,
	`registered_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `agents_name` ON `agents` (`owner`,`name`);--> statement-breakpoint
CREATE TABLE `devices` (
	`id` text PRIMARY KEY NOT NULL,
	`agent_id` text NOT NULL,
	`name` text NOT NULL,
	`owner` text NOT NULL,
	`target` text NOT NULL,
	`pool_id` integer NOT NULL,
	`platform` text,
	`os_version` text,
	`labels` text DEFAULT '{}' NOT NULL,
	`listed` integer DEFAULT 1 NOT NULL,
	`paused_at` integer,
	`strikes` integer DEFAULT 0 NOT NULL,
	`strike_error` text,
	`benched_until` integer,
	`pinned` integer DEFAULT 0 NOT NULL,
	`installed_group_id` integer
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `devices_name` ON `devices` (`agent_id`,`name`);--> statement-breakpoint
CREATE INDEX `devices_pool` ON `devices` (`pool_id`);--> statement-breakpoint
CREATE INDEX `devices_pool_group` ON `devices` (`pool_id`,`installed_group_id`) WHERE installed_group_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `devices_group` ON `devices` (`installed_group_id`) WHERE installed_group_id IS NOT NULL;--> statement-breakpoint
CREATE TABLE `tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`org_id` text,
	`scopes` text NOT NULL,
	`shared` integer DEFAULT 0 NOT NULL,
	`hash` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`last_used_at` integer,
	`revoked_at` integer
) STRICT;
--> statement-breakpoint
CREATE INDEX `tokens_org` ON `tokens` (`org_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `tokens_operator` ON `tokens` (`scopes`) WHERE scopes = '["operator"]' AND revoked_at IS NULL;--> statement-breakpoint
CREATE TABLE `artifacts` (
	`id` text PRIMARY KEY NOT NULL,
	`org_id` text NOT NULL,
	`job_id` text NOT NULL,
	`attempt` integer NOT NULL,
	`name` text NOT NULL,
	`size` integer NOT NULL,
	`sha256` text NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT "artifacts_size" CHECK(size >= 0),
	CONSTRAINT "artifacts_sha256" CHECK(length(sha256) = 64)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `artifacts_name` ON `artifacts` (`job_id`,`attempt`,`name`);--> statement-breakpoint
CREATE TABLE `counted_events` (
	`id` integer PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `events` (
	`seq` integer PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`type` text NOT NULL,
	`was` text,
	`org_id` text NOT NULL,
	`run_id` text,
	`job_id` text,
	`job_seq` integer,
	`lease_id` text,
	`agent_id` text,
	`pool_id` integer,
	`started` integer DEFAULT 0 NOT NULL,
	`n` integer DEFAULT 1 NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `attempts` (
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
CREATE TABLE `leases` (
	`id` text PRIMARY KEY NOT NULL,
	`org_id` text NOT NULL,
	`agent_id` text NOT NULL,
	`boot_id` text NOT NULL,
	`device_id` text NOT NULL,
	`group_id` integer NOT NULL,
	`run_id` text NOT NULL,
	`state` text DEFAULT 'active' NOT NULL,
	`n_jobs` integer,
	`install` integer NOT NULL,
	`installed_at` integer,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`ended_at` integer,
	CONSTRAINT "leases_state" CHECK(state IN ('active', 'ended', 'expired')),
	CONSTRAINT "leases_ended" CHECK((ended_at IS NULL) = (state = 'active'))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `leases_device` ON `leases` (`device_id`) WHERE state = 'active';--> statement-breakpoint
CREATE INDEX `leases_expiry` ON `leases` (`expires_at`) WHERE state = 'active';--> statement-breakpoint
CREATE INDEX `leases_org` ON `leases` (`org_id`) WHERE state = 'active';--> statement-breakpoint
CREATE INDEX `leases_agent` ON `leases` (`agent_id`) WHERE state = 'active';--> statement-breakpoint
CREATE TABLE `batches` (
	`id` integer PRIMARY KEY NOT NULL,
	`run_id` text NOT NULL,
	`org_id` text NOT NULL,
	`group_id` integer NOT NULL,
	`target` text NOT NULL,
	`pool_id` integer NOT NULL,
	`source_hash` text NOT NULL,
	`framework` text NOT NULL,
	`priority` integer NOT NULL,
	`weight` real NOT NULL,
	`tag` real NOT NULL,
	`due_at` integer NOT NULL,
	`guessed` integer DEFAULT 0 NOT NULL,
	`held` integer DEFAULT 0 NOT NULL,
	`virtual` integer DEFAULT 1 NOT NULL,
	`queued` integer DEFAULT 0 NOT NULL,
	`queued_ms` integer DEFAULT 0 NOT NULL,
	`run_at` integer,
	`max_retries` integer NOT NULL,
	`retry_failed_tests` integer NOT NULL,
	`timeout_ms` integer NOT NULL,
	`queue_deadline` integer NOT NULL,
	`unoffered_until` integer,
	`submitted_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `batches_key` ON `batches` (`run_id`,`target`);--> statement-breakpoint
CREATE INDEX `batches_warm` ON `batches` (`group_id`,`tag`) WHERE queued > 0;--> statement-breakpoint
CREATE INDEX `batches_cold` ON `batches` (`pool_id`,`tag`) WHERE queued > 0 AND held = 0;--> statement-breakpoint
CREATE INDEX `batches_due` ON `batches` (`pool_id`,`due_at`) WHERE queued > 0 AND held = 0;--> statement-breakpoint
CREATE INDEX `batches_orgs` ON `batches` (`pool_id`,`org_id`,`held`,`tag`) WHERE queued > 0;--> statement-breakpoint
CREATE INDEX `batches_orgs_due` ON `batches` (`pool_id`,`org_id`,`held`,`due_at`) WHERE queued > 0;--> statement-breakpoint
CREATE INDEX `batches_virtual` ON `batches` (`pool_id`,`tag`) WHERE virtual = 1;--> statement-breakpoint
CREATE TABLE `durations` (
	`org_id` text NOT NULL,
	`repository_id` text DEFAULT '' NOT NULL,
	`target` text NOT NULL,
	`test_path` text NOT NULL,
	`p80_ms` integer NOT NULL,
	`changed_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `repository_id`, `target`, `test_path`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `groups` (
	`id` integer PRIMARY KEY NOT NULL,
	`org_id` text NOT NULL,
	`app_version_id` text NOT NULL,
	`target` text NOT NULL,
	`setup_ms` integer,
	`queued` integer DEFAULT 0 NOT NULL,
	`queued_ms` integer DEFAULT 0 NOT NULL,
	`queued_weight` real DEFAULT 0 NOT NULL,
	`leased` integer DEFAULT 0 NOT NULL,
	`install_failures` integer DEFAULT 0 NOT NULL,
	`install_failed_device` text
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `groups_key` ON `groups` (`org_id`,`app_version_id`,`target`);--> statement-breakpoint
CREATE INDEX `groups_live` ON `groups` (`id`) WHERE queued + leased > 0;--> statement-breakpoint
CREATE TABLE `pools` (
	`id` integer PRIMARY KEY NOT NULL,
	`owner` text NOT NULL,
	`target` text NOT NULL,
	`offered_at` integer,
	`v` real DEFAULT 0 NOT NULL,
	`v_at` integer DEFAULT 0 NOT NULL,
	`virtual_weight` real DEFAULT 0 NOT NULL,
	`queued_weight` real DEFAULT 0 NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `pools_key` ON `pools` (`owner`,`target`);--> statement-breakpoint
CREATE TABLE `jobs` (
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
CREATE UNIQUE INDEX `jobs_id` ON `jobs` (`id`);--> statement-breakpoint
CREATE INDEX `jobs_rev` ON `jobs` (`run_id`,`rev`);--> statement-breakpoint
CREATE INDEX `jobs_run` ON `jobs` (`run_id`);--> statement-breakpoint
CREATE INDEX `jobs_org` ON `jobs` (`org_id`);--> statement-breakpoint
CREATE INDEX `jobs_org_status` ON `jobs` (`org_id`,`status`);--> statement-breakpoint
CREATE INDEX `jobs_group` ON `jobs` (`group_id`);--> statement-breakpoint
CREATE INDEX `jobs_agent` ON `jobs` (`agent_id`) WHERE agent_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `jobs_batch` ON `jobs` (`batch_id`,estimate_ms DESC) WHERE status = 'queued';--> statement-breakpoint
CREATE INDEX `jobs_wait` ON `jobs` (`run_at`) WHERE status = 'waiting';--> statement-breakpoint
CREATE INDEX `jobs_expire` ON `jobs` (`queue_deadline`) WHERE status IN ('waiting', 'queued');--> statement-breakpoint
CREATE INDEX `jobs_lease` ON `jobs` (`lease_id`) WHERE lease_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `jobs_running` ON `jobs` ((started_at + timeout_ms)) WHERE status = 'running';--> statement-breakpoint
CREATE INDEX `jobs_dead` ON `jobs` (`org_id`) WHERE status IN ('failed', 'errored');--> statement-breakpoint
CREATE INDEX `jobs_final` ON `jobs` (`finalized_at`) WHERE finalized_at IS NOT NULL;--> statement-breakpoint
CREATE TABLE `orgs` (
	`id` text PRIMARY KEY NOT NULL,
	`weight` real DEFAULT 1 NOT NULL,
	`max_leases` integer,
	`active_runs` integer DEFAULT 0 NOT NULL,
	`mean_test_ms` integer,
	`paused_at` integer,
	`paused_targets` text DEFAULT '[]' NOT NULL,
	`created_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `runs` (
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
CREATE UNIQUE INDEX `runs_idem` ON `runs` (`org_id`,`idempotency_key`) WHERE idempotency_key IS NOT NULL;--> statement-breakpoint
CREATE INDEX `runs_org` ON `runs` (`org_id`,`id`);--> statement-breakpoint
CREATE INDEX `runs_supersede` ON `runs` (`org_id`,`supersede_key`) WHERE supersede_key IS NOT NULL;--> statement-breakpoint
CREATE INDEX `runs_retry` ON `runs` (`retry_of`) WHERE retry_of IS NOT NULL;