ALTER TABLE `attempts` ADD `retried_tests` integer;--> statement-breakpoint
ALTER TABLE `attempts` ADD `only` text;--> statement-breakpoint
ALTER TABLE `attempts` ADD `merged_tests` text;--> statement-breakpoint
ALTER TABLE `attempts` ADD `merged_report` text;--> statement-breakpoint
ALTER TABLE `jobs` ADD `retried_tests` integer;