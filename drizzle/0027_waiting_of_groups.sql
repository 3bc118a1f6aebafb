ALTER TABLE `groups` ADD `waiting` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `groups_waiting` ON `groups` (`id`) WHERE waiting > 0;--> statement-breakpoint
CREATE INDEX `batches_oldest` ON `batches` (`target`,`submitted_at`) WHERE queued > 0;--> statement-breakpoint
UPDATE `groups` SET `waiting` = f.n FROM (SELECT group_id, count(*) AS n FROM jobs WHERE status = 'waiting' GROUP BY group_id) f WHERE `groups`.`id` = f.group_id;