-- Also days, for months and quarters. No foreign key points here.
CREATE TABLE `__new_figures` (
	`span` integer NOT NULL,
	`org_id` text NOT NULL,
	`starts_at` integer NOT NULL,
	`target` text NOT NULL,
	`sums` text NOT NULL,
	PRIMARY KEY(`span`, `org_id`, `starts_at`, `target`),
	CONSTRAINT "figures_span" CHECK(span IN (10, 60, 1440))
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_figures`("span", "org_id", "starts_at", "target", "sums") SELECT "span", "org_id", "starts_at", "target", "sums" FROM `figures`;--> statement-breakpoint
DROP TABLE `figures`;--> statement-breakpoint
ALTER TABLE `__new_figures` RENAME TO `figures`;--> statement-breakpoint
CREATE INDEX `figures_starts` ON `figures` (`span`,`starts_at`);