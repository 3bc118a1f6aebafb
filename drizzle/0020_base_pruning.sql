CREATE INDEX `base_failures_submitted` ON `base_failures` (`submitted_at`);--> statement-breakpoint
CREATE INDEX `base_runs_submitted` ON `base_runs` (`submitted_at`);