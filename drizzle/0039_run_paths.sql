CREATE INDEX `jobs_run_path` ON `jobs` (`run_id`,`test_path`);--> statement-breakpoint
DROP INDEX `jobs_run`;--> statement-breakpoint
CREATE INDEX `jobs_run` ON `jobs` (`run_id`);--> statement-breakpoint
CREATE INDEX `jobs_red` ON `jobs` (`run_id`) WHERE status IN ('failed', 'errored');
