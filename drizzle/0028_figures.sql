CREATE TABLE `figures` (
	`span` integer NOT NULL,
	`org_id` text NOT NULL,
	`starts_at` integer NOT NULL,
	`target` text NOT NULL,
	`sums` text NOT NULL,
	PRIMARY KEY(`span`, `org_id`, `starts_at`, `target`),
	CONSTRAINT "figures_span" CHECK(span IN (10, 60))
) STRICT;
--> statement-breakpoint
CREATE INDEX `figures_starts` ON `figures` (`span`,`starts_at`);--> statement-breakpoint
CREATE TABLE `figures_cursor` (
	`id` integer PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL
) STRICT;
--> statement-breakpoint
INSERT INTO `figures_cursor` (`id`, `seq`) VALUES (1, (SELECT coalesce(max(`seq`), 0) FROM `events`));
