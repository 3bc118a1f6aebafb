CREATE TABLE `github_bindings` (
	`id` text PRIMARY KEY NOT NULL,
	`org_id` text NOT NULL,
	`repository_owner_id` text NOT NULL,
	`repository_id` text,
	`events` text,
	`refs` text,
	`scopes` text,
	`created_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `github_bindings_owner` ON `github_bindings` (`repository_owner_id`);--> statement-breakpoint
CREATE INDEX `github_bindings_org` ON `github_bindings` (`org_id`);--> statement-breakpoint
CREATE TABLE `github_sign_ins` (
	`id` text PRIMARY KEY NOT NULL,
	`jti` text NOT NULL,
	`org_id` text NOT NULL,
	`scopes` text NOT NULL,
	`hash` text NOT NULL,
	`facts` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`revoked_at` integer
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `github_sign_ins_jti` ON `github_sign_ins` (`jti`);--> statement-breakpoint
CREATE INDEX `github_sign_ins_org` ON `github_sign_ins` (`org_id`,`expires_at`);--> statement-breakpoint
CREATE INDEX `github_sign_ins_expired` ON `github_sign_ins` (`expires_at`);--> statement-breakpoint
ALTER TABLE `runs` ADD `submitted_by` text DEFAULT '' NOT NULL;