ALTER TABLE `agents` ADD `token_id` text;--> statement-breakpoint
ALTER TABLE `tokens` ADD `agent_names` text;--> statement-breakpoint
ALTER TABLE `tokens` ADD `agent_name` text;