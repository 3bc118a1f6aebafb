ALTER TABLE `devices` ADD `blame` text;--> statement-breakpoint
ALTER TABLE `devices` ADD `blame_from` integer;--> statement-breakpoint
CREATE INDEX `attempts_device` ON `attempts` (`device_id`,`finished_at`) WHERE finished_at IS NOT NULL;