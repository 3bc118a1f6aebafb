CREATE TABLE `run_watches` (
	`run_id` text PRIMARY KEY NOT NULL,
	`watcher` text NOT NULL,
	`seen_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `run_watches_seen` ON `run_watches` (`seen_at`);