import { expect, test } from 'vitest';
import { openTestQueue } from '../../test/support/queue.ts';
import { readRun } from './runs/read-run.ts';

const anyOrg = { orgId: undefined };
const tests = Array.from({ length: 2000 }, (_, n) => `tests/a-test-with-a-name-${n}.spec.ts`);

test('a full disk puts a submit off, keeps nothing of it, and lets it through once there is room', async () => {
  const queue = await openTestQueue();
  const { sql } = queue.deps;
  const before = await queue.submit({ tests: ['a'] }, 'before');
  // SQLite's own size limit; it answers SQLITE_FULL as on a full disk.
  const [pages] = await sql.read('PRAGMA page_count');
  await sql.read(`PRAGMA max_page_count = ${Number(pages?.page_count) + 2}`);
  const put = () => queue.submit({ app_version_id: 'v2', tests }, 'big');
  await expect(put()).rejects.toMatchObject({ code: 'unavailable', message: expect.stringMatching(/full/) });
  // The acknowledged run is there, and reads still work.
  expect((await readRun(queue.deps, before.run.run_id, 0, anyOrg)).counts.queued).toBe(1);
  const [jobs] = await sql.read('SELECT count(*) AS n FROM jobs');
  expect(jobs?.n).toBe(1);
  await sql.read('PRAGMA max_page_count = 1000000');
  expect((await put()).jobs).toHaveLength(tests.length);
  expect(await put()).toMatchObject({ replayed: true });
});

test('a read-only database puts writes off, answers reads, and recovers without a hand', async () => {
  const queue = await openTestQueue();
  const { sql } = queue.deps;
  const before = await queue.submit({ tests: ['a'] });
  await sql.read('PRAGMA query_only = ON');
  const refused = { code: 'unavailable', message: expect.stringMatching(/read-only/) };
  await expect(queue.submit({ tests: ['b'] })).rejects.toMatchObject(refused);
  expect((await readRun(queue.deps, before.run.run_id, 0, anyOrg)).counts.queued).toBe(1);
  await sql.read('PRAGMA query_only = OFF');
  await queue.submit({ tests: ['b'] });
});
