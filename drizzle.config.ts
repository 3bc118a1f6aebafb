import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'sqlite',
  schema: ['./server/db/schema.ts', './server/db/schema-agents.ts', './server/db/schema-leases.ts'],
  out: './drizzle',
  casing: 'snake_case',
});
