CREATE TABLE `pruned_runs` (
	`id` text PRIMARY KEY NOT NULL,
	`pruned_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
DROP INDEX `jobs_final`;--> statement-breakpoint
ALTER TABLE `runs` ADD `evidence_pruned_at` integer;--> statement-breakpoint
CREATE INDEX `runs_finished` ON `runs` (`finished_at`) WHERE finished_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `runs_evidence` ON `runs` (`finished_at`) WHERE finished_at IS NOT NULL AND evidence_pruned_at IS NULL;--> statement-breakpoint
CREATE INDEX `bundles_used` ON `bundles` (`last_used_at`);