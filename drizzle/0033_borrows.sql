CREATE TABLE `borrows` (
	`id` text PRIMARY KEY NOT NULL,
	`org_id` text NOT NULL,
	`pool_id` integer NOT NULL,
	`target` text NOT NULL,
	`wanted_device` text,
	`device_id` text,
	`status` text DEFAULT 'waiting' NOT NULL,
	`minutes` integer NOT NULL,
	`note` text,
	`borrowed_by` text NOT NULL,
	`run_id` text,
	`job_id` text,
	`idempotency_key` text,
	`requested_at` integer NOT NULL,
	`watched_until` integer,
	`granted_at` integer,
	`until` integer,
	`ended_at` integer,
	`ended_as` text,
	CONSTRAINT "borrows_status" CHECK(status IN ('waiting', 'active', 'ended')),
	CONSTRAINT "borrows_end" CHECK(ended_as IN ('returned', 'expired', 'cancelled', 'device_gone')),
	CONSTRAINT "borrows_ends" CHECK((ended_at IS NOT NULL) = (status = 'ended') AND (ended_as IS NOT NULL) = (status = 'ended')),
	CONSTRAINT "borrows_granted" CHECK((granted_at IS NULL) = (device_id IS NULL) AND (granted_at IS NULL) = (until IS NULL)),
	CONSTRAINT "borrows_active_has" CHECK(status <> 'active' OR device_id IS NOT NULL),
	CONSTRAINT "borrows_waiting_has" CHECK(status <> 'waiting' OR device_id IS NULL)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `borrows_device` ON `borrows` (`device_id`) WHERE status = 'active';--> statement-breakpoint
CREATE INDEX `borrows_waiting` ON `borrows` (`pool_id`,`requested_at`,`id`) WHERE status = 'waiting';--> statement-breakpoint
CREATE INDEX `borrows_until` ON `borrows` (`until`) WHERE status = 'active';--> statement-breakpoint
CREATE INDEX `borrows_active` ON `borrows` (`org_id`) WHERE status = 'active';--> statement-breakpoint
CREATE INDEX `borrows_org` ON `borrows` (`org_id`,`id`);--> statement-breakpoint
CREATE INDEX `borrows_run` ON `borrows` (`run_id`,`id`) WHERE run_id IS NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `borrows_key` ON `borrows` (`org_id`,`idempotency_key`) WHERE idempotency_key IS NOT NULL;--> statement-breakpoint
CREATE INDEX `borrows_ended` ON `borrows` (`ended_at`) WHERE ended_at IS NOT NULL;--> statement-breakpoint
ALTER TABLE `devices` ADD `doubted` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `batches` ADD `lone` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `batches_arrived` ON `batches` (`pool_id`,`submitted_at`) WHERE queued > 0;