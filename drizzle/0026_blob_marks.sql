CREATE TABLE `blob_marks` (
	`name` text PRIMARY KEY NOT NULL,
	`touched_at` integer NOT NULL,
	`deleting_until` integer
) STRICT;
--> statement-breakpoint
CREATE TABLE `work_claims` (
	`name` text PRIMARY KEY NOT NULL,
	`holder` text NOT NULL,
	`until` integer NOT NULL
) STRICT;
