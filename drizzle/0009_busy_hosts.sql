ALTER TABLE `devices` ADD `busy_sources` text;--> statement-breakpoint
ALTER TABLE `runs` ADD `serves` integer DEFAULT 0 NOT NULL;