import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FinishJob } from '../../protocol/shapes/agent.ts';
import { joinPieces, restoreInto } from '../../test/support/backup-lab.ts';
import {
  copyDatabase,
  everyone,
  openTestQueue,
  type TestAgent,
  tempFolder,
} from '../../test/support/queue.ts';
import { type Blobs, openBlobs } from '../blobs/open-blobs.ts';
import { openReader } from '../db/snapshot.ts';
import type { Store } from '../db/store.ts';
import { finishAttempt } from '../queue/attempts/finish-attempt.ts';
import { startAttempt } from '../queue/attempts/start-attempt.ts';
import { openQueue } from '../queue/open-queue.ts';
import type { Deps } from '../queue/store/deps.ts';
import { createBackups } from './create-backups.ts';

const tableNames = `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'libsql_%' ORDER BY name`;

type Rows = Iterable<Readonly<Record<string, unknown>>>;

/** Every value of every row, as text: two databases with the same rows have the same. */
const contentOf = (tables: readonly (readonly [name: string, rows: Rows])[]): string =>
  tables
    .map(([name, rows]) => {
      const lines = [...rows].map((row) => JSON.stringify(Object.values(row), (_, value) => plain(value)));
      return [name, ...lines.sort()].join('\n');
    })
    .join('\n\n');

const plain = (value: unknown): unknown => {
  if (typeof value === 'bigint') return Number(value);
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? Buffer.from(value as never) : value;
};

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

async function contentOfStore({ sql }: Store): Promise<string> {
  const names = (await sql.read(tableNames)).map(({ name }) => String(name));
  const rows = await Promise.all(names.map((name) => sql.read(`SELECT * FROM "${name}"`)));
  return contentOf(names.map((name, index) => [name, rows[index] ?? []]));
}

function contentOfFile(file: string): string {
  const reader = openReader(file);
  try {
    const names = [...reader.rows(tableNames)].map(({ name }) => String(name));
    return contentOf(names.map((name) => [name, reader.rows(`SELECT * FROM "${name}"`)]));
  } finally {
    reader.close();
  }
}

/** The store, and the content of its database after each of its commits; one write at a time. */
function record(store: Store): { readonly recorded: Store; readonly states: string[] } {
  const states: string[] = [];
  const write: Store['sql']['write'] = async (statements) => {
    const rows = await store.sql.write(statements);
    states.push(hash(await contentOfStore(store)));
    return rows;
  };
  return { recorded: { ...store, sql: { ...store.sql, write } }, states };
}

/** A run of two tests, one passed and one failed, with a log that grows. */
async function playRun(deps: Deps, agent: TestAgent, submit: () => Promise<unknown>, blobs: Blobs) {
  await submit();
  const lease = await agent.mustTake();
  for (const [index, job] of lease.jobs.entries()) {
    const ref = { leaseId: lease.lease_id, jobId: job.job_id, attempt: job.next_attempt };
    await startAttempt(deps, everyone, ref);
    await blobs.logs.append(job.job_id, job.next_attempt, 0, Buffer.from(`log of ${job.job_id}\n`));
    const verdict = index === 0 ? ('passed' as const) : ('failed' as const);
    const tests = [{ name: 'opens the cart', status: verdict, duration_ms: 5 }];
    const body = FinishJob.parse({ attempt: job.next_attempt, verdict, duration_ms: 5, tests });
    await finishAttempt(deps, everyone, ref, body);
  }
}

test('what is backed up while runs come and go is one of the states that the database was in meanwhile, in every value of every row', async () => {
  const { place } = await copyDatabase();
  const store = await openQueue(place);
  const { recorded, states } = record(store);
  const queue = await openTestQueue({}, recorded);
  const agent = await queue.agent('rack', ['emulator']);
  const folder = tempFolder();
  const blobs = await openBlobs({ folder: join(folder, 'blobs') }, { now: Date.now });
  const backups = createBackups({ place, folder, blobs, version: '1', now: () => 1 });
  const play = () =>
    playRun(queue.deps, agent, () => queue.submit({ tests: ['a', 'b'], retry_failed_tests: 0 }), blobs);
  await play();

  let from = states.length - 1;
  for (let n = 0; n < 2; n += 1) {
    let isOver = false;
    const reading = (async () => {
      const bytes = await joinPieces(await backups.read({ withFiles: true }));
      isOver = true;
      return bytes;
    })();
    while (!isOver) await play();
    const { dataDir, end } = await restoreInto(await reading);
    expect(end).toMatchObject({ unreadable: 0 });
    const restored = hash(contentOfFile(join(dataDir, 'qgjob.db')));
    const meanwhile = states.slice(from);
    // Work was really going on: there were many states that it could have been.
    expect(new Set(meanwhile).size).toBeGreaterThan(5);
    expect(meanwhile).toContain(restored);
    from = states.length - 1;
  }
  await backups.stop();
  await store.close();
});
