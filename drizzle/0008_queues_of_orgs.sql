DROP INDEX `batches_pool`;--> statement-breakpoint
DROP INDEX `batches_org`;--> statement-breakpoint
CREATE INDEX `batches_orgs` ON `batches` (`pool_id`,`org_id`,`held`,`tag`) WHERE queued > 0;--> statement-breakpoint
CREATE INDEX `batches_orgs_due` ON `batches` (`pool_id`,`org_id`,`held`,`due_at`) WHERE queued > 0;