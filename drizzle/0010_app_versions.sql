CREATE TABLE `app_versions` (
	`seq` integer PRIMARY KEY NOT NULL,
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`platform` text NOT NULL,
	`url` text,
	`package_name` text,
	`sha256` text,
	`size` integer,
	`created_at` integer NOT NULL,
	`last_used_at` integer NOT NULL,
	CONSTRAINT "app_versions_platform" CHECK(platform IN ('android', 'ios')),
	CONSTRAINT "app_versions_sha256" CHECK(length(sha256) = 64),
	CONSTRAINT "app_versions_size" CHECK(size IS NULL OR (size >= 0 AND sha256 IS NOT NULL))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `app_versions_id` ON `app_versions` (`org_id`,`id`);--> statement-breakpoint
CREATE INDEX `app_versions_build` ON `app_versions` (`org_id`,`sha256`);--> statement-breakpoint
CREATE INDEX `app_versions_org` ON `app_versions` (`org_id`);--> statement-breakpoint
CREATE INDEX `app_versions_used` ON `app_versions` (`last_used_at`);