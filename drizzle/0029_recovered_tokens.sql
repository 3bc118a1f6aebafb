DROP INDEX `tokens_operator`;--> statement-breakpoint
CREATE UNIQUE INDEX `tokens_operator` ON `tokens` (`scopes`) WHERE scopes = '["operator"]' AND revoked_at IS NULL AND name = 'operator';