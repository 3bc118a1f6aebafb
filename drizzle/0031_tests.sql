CREATE TABLE `ledger_cursor` (
	`id` integer PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `test_failures` (
	`test_id` text NOT NULL,
	`at` integer NOT NULL,
	`job_id` text NOT NULL,
	`run_id` text NOT NULL,
	`source` text NOT NULL,
	`flaky` integer NOT NULL,
	PRIMARY KEY(`test_id`, `at`, `job_id`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `test_failures_open` ON `test_failures` (`test_id`,`source`) WHERE flaky = 0;--> statement-breakpoint
CREATE INDEX `test_failures_at` ON `test_failures` (`at`);--> statement-breakpoint
CREATE TABLE `test_sources` (
	`test_id` text NOT NULL,
	`source` text NOT NULL,
	`jobs` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`test_id`, `source`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `test_sources_at` ON `test_sources` (`at`);--> statement-breakpoint
CREATE TABLE `tests` (
	`id` text PRIMARY KEY NOT NULL,
	`org_id` text NOT NULL,
	`repository_id` text NOT NULL,
	`target` text NOT NULL,
	`test_path` text NOT NULL,
	`file` text DEFAULT '' NOT NULL,
	`title` text DEFAULT '' NOT NULL,
	`case_id` text DEFAULT '' NOT NULL,
	`is_leaf` integer NOT NULL,
	`days` text NOT NULL,
	`passed` integer DEFAULT 0 NOT NULL,
	`flaky` integer DEFAULT 0 NOT NULL,
	`failed` integer DEFAULT 0 NOT NULL,
	`flaky_low` real,
	`durations` text DEFAULT '[]' NOT NULL,
	`p50_ms` integer,
	`p95_ms` integer,
	`oldest_day` integer,
	`first_run_at` integer NOT NULL,
	`last_run_at` integer NOT NULL,
	`last_failed_at` integer
) STRICT;
--> statement-breakpoint
CREATE INDEX `tests_name` ON `tests` (`org_id`,`test_path`,`title`,`id`);--> statement-breakpoint
CREATE INDEX `tests_flaky` ON `tests` (`org_id`,`flaky_low`,`id`) WHERE flaky_low IS NOT NULL;--> statement-breakpoint
CREATE INDEX `tests_slow` ON `tests` (`org_id`,`p50_ms`,`id`) WHERE p50_ms IS NOT NULL AND is_leaf = 1;--> statement-breakpoint
CREATE INDEX `tests_slow_files` ON `tests` (`org_id`,`p50_ms`,`id`) WHERE p50_ms IS NOT NULL AND title = '';--> statement-breakpoint
CREATE INDEX `tests_oldest` ON `tests` (`oldest_day`) WHERE oldest_day IS NOT NULL;--> statement-breakpoint
-- From the first event that is kept: so the ledger knows at once of what the last days were.
INSERT INTO `ledger_cursor` (`id`, `seq`) VALUES (1, 0);
