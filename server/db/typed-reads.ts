import type { Client } from '@libsql/client';
import { drizzle, type LibSQLDatabase } from './drizzle.ts';
import { storeError } from './store-error.ts';

/** Typed reads, which fail with our errors; drizzle wraps them as the cause of its own. */
export function typedReads(client: Client): LibSQLDatabase {
  const execute = client.execute.bind(client) as (...args: unknown[]) => ReturnType<Client['execute']>;
  client.execute = async (...args: unknown[]) => {
    try {
      return await execute(...args);
    } catch (error) {
      throw storeError(error);
    }
  };
  return drizzle(client, { casing: 'snake_case' });
}
