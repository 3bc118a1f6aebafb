DROP INDEX `jobs_batch`;--> statement-breakpoint
ALTER TABLE `jobs` ADD `sort_key` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `jobs_batch` ON `jobs` (`batch_id`,`sort_key`) WHERE status = 'queued';--> statement-breakpoint
ALTER TABLE `durations` ADD `failed_at` integer;