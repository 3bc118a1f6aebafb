CREATE TABLE `keys` (
	`name` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT "keys_value" CHECK(length(value) = 64)
) STRICT;
