CREATE TABLE `web_sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`hash` text NOT NULL,
	`token_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`ended_at` integer
) STRICT;
--> statement-breakpoint
CREATE INDEX `web_sessions_token` ON `web_sessions` (`token_id`);--> statement-breakpoint
CREATE INDEX `web_sessions_expiry` ON `web_sessions` (`expires_at`);--> statement-breakpoint
ALTER TABLE `tokens` ADD `parent_id` text;--> statement-breakpoint
ALTER TABLE `tokens` ADD `root_id` text;--> statement-breakpoint
ALTER TABLE `tokens` ADD `replaces_id` text;--> statement-breakpoint
ALTER TABLE `tokens` ADD `rotated_by` text;--> statement-breakpoint
CREATE INDEX `tokens_parent` ON `tokens` (`parent_id`) WHERE parent_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `tokens_root` ON `tokens` (`root_id`) WHERE root_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `tokens_replaces` ON `tokens` (`replaces_id`) WHERE replaces_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `tokens_rotated` ON `tokens` (`rotated_by`) WHERE rotated_by IS NOT NULL;--> statement-breakpoint
CREATE INDEX `tokens_revoked` ON `tokens` (`revoked_at`) WHERE revoked_at IS NOT NULL;--> statement-breakpoint
ALTER TABLE `github_sign_ins` ADD `last_used_at` integer;--> statement-breakpoint
CREATE INDEX `agents_token` ON `agents` (`token_id`) WHERE token_id IS NOT NULL;--> statement-breakpoint
-- Cookies are no longer signed with it: a server of an earlier version that starts makes another one.
DELETE FROM keys WHERE name = 'web_sessions';
