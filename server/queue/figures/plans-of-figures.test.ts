import { createClient } from '@libsql/client';
import { expect, onTestFinished, test } from 'vitest';
import { copyTemplate, openTestQueue } from '../../../test/support/queue.ts';
import type { Deps } from '../store/deps.ts';
import { readDepths, readFigures, readGauges, sumFigures } from './index.ts';

/** The statements that a verb reads with. */
async function statementsOf(verb: (deps: Deps) => Promise<unknown>): Promise<Set<string>> {
  const { deps } = await openTestQueue();
  const seen = new Set<string>();
  const read: Deps['sql']['read'] = (sql, args) => {
    seen.add(sql);
    return deps.sql.read(sql, args);
  };
  await verb({ ...deps, sql: { ...deps.sql, read } });
  return seen;
}

async function plansOf(statements: Iterable<string>): Promise<string[]> {
  const client = createClient({ url: `file:${copyTemplate()}` });
  onTestFinished(() => client.close());
  const details: string[] = [];
  for (const sql of statements) {
    const { rows } = await client.execute(`EXPLAIN QUERY PLAN ${sql}`);
    details.push(...rows.map((row) => String(row.detail)));
  }
  return details;
}

// Of these tables a look may read every row: a row per agent, device or org; and of the groups those that hold work.
const small = [
  /^SCAN (agents|a|d|o|orgs)\b/,
  /^SCAN g USING INDEX groups_(live|waiting)$/,
  // Live leases alone, one per busy device; of the outbox a limited number.
  /^SCAN leases USING (COVERING )?INDEX leases_(device|expiry|org|agent)$/,
  /^SCAN outbox\b/,
  /^SCAN (\(subquery-\d+\)|[it] VIRTUAL TABLE|CONSTANT ROW)/,
];

test('a look at the queue reads no job, no run and no batch one by one', async () => {
  const seen = await statementsOf(async (deps) => {
    await readGauges(deps);
    await readDepths(deps, 'acme');
    await readFigures(deps, 'acme', '7d', {});
    await readFigures(deps, null, '24h', {});
    await sumFigures(deps);
  });
  const plans = await plansOf(seen);
  const scans = plans.filter((detail) => detail.startsWith('SCAN'));
  expect(scans.filter((detail) => !small.some((rule) => rule.test(detail)))).toEqual([]);
  expect(plans).toContain('SEARCH b USING INDEX batches_oldest (target=?)');
  expect(seen.size).toBeGreaterThan(5);
});
