CREATE TABLE `bundles` (
	`org_id` text NOT NULL,
	`sha256` text NOT NULL,
	`size` integer NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `sha256`),
	CONSTRAINT "bundles_sha256" CHECK(length(sha256) = 64)
) STRICT;
