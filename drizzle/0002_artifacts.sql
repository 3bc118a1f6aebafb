CREATE TABLE `artifacts` (
	`id` text PRIMARY KEY NOT NULL,
	`org_id` text NOT NULL,
	`job_id` text NOT NULL,
	`attempt` integer NOT NULL,
	`name` text NOT NULL,
	`size` integer NOT NULL,
	`sha256` text NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT "artifacts_size" CHECK(size >= 0),
	CONSTRAINT "artifacts_sha256" CHECK(length(sha256) = 64)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `artifacts_name` ON `artifacts` (`job_id`,`attempt`,`name`);