import { expect, test } from 'vitest';
import { rules } from '../../test/model/invariants.ts';
import { everyone, openTestQueue } from '../../test/support/queue.ts';
import { finishAttempt } from '../queue/attempts/finish-attempt.ts';
import { startAttempt } from '../queue/attempts/start-attempt.ts';
import { deleteJobs, jobsOfPrunedRuns, pruneRuns } from '../queue/retention/index.ts';
import { UnusedPruner } from './unused-pruner.ts';

const day = 24 * 3_600_000;

async function openLab() {
  const queue = await openTestQueue();
  const { deps } = queue;
  let monotonic = 0;
  const pruner = new UnusedPruner({ deps, keepMs: 30 * day, monotonic: () => monotonic });
  const values = async (sql: string) => (await deps.sql.read(sql)).map((row) => Object.values(row).join(' '));
  const write = (sql: string) => deps.sql.write([{ sql }]);
  async function look(): Promise<number> {
    monotonic += day;
    let steps = 0;
    while (await pruner.step()) steps += 1;
    return steps;
  }
  return { queue, deps, look, values, write };
}

test('tokens go a month after they have ended, and those that are good stay', async () => {
  const { queue, deps, look, values } = await openLab();
  const now = deps.now();
  const token = (name: string, expires: number | null, revoked: number | null) => ({
    sql: `INSERT INTO tokens (id, name, scopes, hash, created_at, expires_at, revoked_at) VALUES (?1, ?1, '[]', 'x', 1, ?2, ?3)`,
    args: [name, expires, revoked],
  });
  await deps.sql.write([
    token('for ever', null, null),
    token('good', now + 90 * day, null),
    token('just expired', now - day, null),
    token('expired', now - 31 * day, null),
    token('revoked', null, now - 31 * day),
    token('revoked before its end', now + day, now - 31 * day),
    token('just revoked', now + day, now - day),
  ]);
  await look();
  expect(await values('SELECT name FROM tokens ORDER BY name')).toEqual([
    'for ever',
    'good',
    'just expired',
    'just revoked',
  ]);
  queue.advance(31 * day);
  await look();
  expect(await values('SELECT name FROM tokens ORDER BY name')).toEqual(['for ever', 'good']);
});

test('a token stays as long as the one that has replaced it', async () => {
  const { queue, deps, look, values } = await openLab();
  const token = (id: string, expires: number, replaces: string | null) => ({
    sql: `INSERT INTO tokens (id, name, scopes, hash, created_at, expires_at, replaces_id) VALUES (?1, ?1, '[]', 'x', 1, ?2, ?3)`,
    args: [id, expires, replaces],
  });
  const now = deps.now();
  await deps.sql.write([token('first', now - 90 * day, null), token('second', now + day, 'first')]);
  await look();
  expect(await values('SELECT name FROM tokens ORDER BY name')).toEqual(['first', 'second']);
  queue.advance(40 * day);
  await look();
  await look();
  expect(await values('SELECT name FROM tokens ORDER BY name')).toEqual([]);
});

test('agents that were not heard for a quarter go with their devices, but none that somebody has paused or drained', async () => {
  const { queue, look, values, write } = await openLab();
  for (const name of ['gone', 'paused', 'drained', 'heard', 'working'])
    await queue.agent(name, ['emulator', 'device']);
  await write(
    `UPDATE devices SET paused_at = 1 WHERE name = 'd1' AND agent_id = (SELECT id FROM agents WHERE name = 'paused')`,
  );
  await write(`UPDATE agents SET drain = 1 WHERE name = 'drained'`);
  queue.advance(91 * day);
  await write(`UPDATE agents SET last_seen_at = ${queue.deps.now()} WHERE name IN ('heard', 'working')`);
  await look();
  const kept = ['drained', 'heard', 'paused', 'working'];
  expect(await values('SELECT name FROM agents ORDER BY name')).toEqual(kept);
  expect(await values('SELECT count(*) FROM devices')).toEqual(['8']);
});

test('durations of tests that nobody runs go, and groups of app versions without runs, but for the last measured install', async () => {
  const { queue, deps, look, values, write } = await openLab();
  const agent = await queue.agent('rack', ['emulator']);
  for (const version of ['v1', 'v2', 'v3']) {
    await queue.submit({ app_version_id: version, target: 'emulator' });
    const lease = await agent.mustTake();
    const ref = { leaseId: lease.lease_id, jobId: lease.jobs[0]?.job_id ?? '', attempt: 1 };
    await startAttempt(deps, everyone, ref);
    await finishAttempt(deps, everyone, ref, { attempt: 1, verdict: 'passed', duration_ms: 5 });
  }
  await write(`UPDATE groups SET setup_ms = 100 WHERE app_version_id <> 'v3'`);
  await write('UPDATE devices SET installed_group_id = NULL');
  const groups = () => values('SELECT app_version_id FROM groups ORDER BY id');
  await look();
  expect(await groups()).toEqual(['v1', 'v2', 'v3']);
  expect(await values('SELECT count(*) FROM durations')).toEqual(['1']);
  queue.advance(91 * day);
  await pruneRuns(deps, deps.now(), 10);
  for (let jobs = await jobsOfPrunedRuns(deps, 10); jobs.length > 0; jobs = await jobsOfPrunedRuns(deps, 10))
    await deleteJobs(deps, jobs);
  await look();
  expect(await groups()).toEqual(['v2']);
  expect(await values('SELECT count(*) FROM durations')).toEqual(['0']);
  // A new version begins with what is known.
  await queue.submit({ app_version_id: 'v4', target: 'emulator' });
  const counters = Object.entries(rules).filter(([sentence]) => /count|weigh/.test(sentence));
  for (const [sentence, sql] of counters) expect(await deps.sql.read(sql), sentence).toEqual([]);
});

test('a look goes through a table in small steps, once a day', async () => {
  const { deps, look, values } = await openLab();
  await deps.sql.write([
    {
      sql: `INSERT INTO durations (org_id, target, test_path, p80_ms, changed_at)
            SELECT 'acme', 'emulator', i, 5, 1 FROM (
              WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) SELECT i FROM n)`,
    },
  ]);
  // Three of durations, and the end of each table.
  expect(await look()).toBe(8);
  expect(await values('SELECT count(*) FROM durations')).toEqual(['0']);
});
