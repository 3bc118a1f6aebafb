ALTER TABLE `borrows` ADD `token_id` text;--> statement-breakpoint
ALTER TABLE `borrows` ADD `request_hash` text;