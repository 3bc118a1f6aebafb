import { createClient, type InArgs } from '@libsql/client';
import { onTestFinished } from 'vitest';
import type { Deps } from '../../server/queue/store/deps.ts';
import { copyTemplate, openTestQueue, type TestQueue } from './queue.ts';

/** The steps of the plans of all that this reads, as SQLite tells them; `prepare` writes what it reads. */
export async function plansOf(
  read: (deps: Deps) => Promise<unknown>,
  prepare?: (queue: TestQueue) => Promise<void>,
): Promise<string[]> {
  const queue = await openTestQueue();
  await prepare?.(queue);
  const { deps } = queue;
  const seen: { sql: string; args: InArgs }[] = [];
  const note = (sql: string, args: InArgs = []) => {
    seen.push({ sql: `EXPLAIN QUERY PLAN ${sql}`, args });
    return deps.sql.read(sql, args);
  };
  await read({ ...deps, sql: Object.create(deps.sql, { read: { value: note } }) });
  const client = createClient({ url: `file:${copyTemplate()}` });
  onTestFinished(() => client.close());
  const plans = await client.batch(seen, 'read');
  return plans.flatMap(({ rows }) => rows.map(({ detail }) => String(detail)));
}
