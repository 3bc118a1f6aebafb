import { expect, test } from 'vitest';
import { SubmitRun } from '../../protocol/shapes/run.ts';
import { anyOrg, everyone, openTestQueue } from '../../test/support/queue.ts';
import { startAttempt } from '../queue/attempts/start-attempt.ts';
import { endWatch, noteWatch } from '../queue/runs/index.ts';
import { findRun } from '../queue/runs/read-run.ts';
import { readJob } from '../queue/store/read-job.ts';
import { submitRun } from '../queue/submit/index.ts';
import { createWatcher } from './loops.ts';

const second = 1000;

async function openLab() {
  const queue = await openTestQueue();
  let monotonic = 0;
  const trouble: (() => void)[] = [];
  const sql = { ...queue.deps.sql, onTrouble: (listener: () => void) => void trouble.push(listener) };
  const deps = { ...queue.deps, sql };
  const fail = (error: unknown) => {
    throw error;
  };
  const open = () =>
    createWatcher(
      deps,
      () => fail,
      () => monotonic,
    );
  let watcher = open();
  return {
    ...{ queue, deps },
    async submit(watchedBy: string | undefined, tests = ['a']) {
      const body = SubmitRun.parse({ app_version_id: 'v1', tests });
      const { run } = await submitRun(deps, { orgId: 'acme', body, createOrg: true, watchedBy });
      return run.run_id;
    },
    /** Passes of the loop for so long, each 5 s. */
    async pass(ms: number) {
      for (let at = 0; at < ms; at += 5 * second) {
        queue.advance(5 * second);
        monotonic += 5 * second;
        await watcher.runOnce();
      }
    },
    restartAfter(ms: number) {
      queue.advance(ms);
      watcher = open();
    },
    beTroubled() {
      for (const listener of trouble) listener();
    },
    status: async (id: string) => (await findRun(deps, id, anyOrg)).status,
  };
}

test('a run whose client is gone for a minute is cancelled, as its submit wanted', async () => {
  const lab = await openLab();
  await lab.pass(60 * second);
  const id = await lab.submit('t1');
  await lab.pass(55 * second);
  expect(await lab.status(id)).toBe('queued');
  await lab.pass(5 * second);
  expect(await lab.status(id)).toBe('cancelled');
});

test('a client that is there, or nobody who has to be, lets a run go on', async () => {
  const lab = await openLab();
  await lab.pass(60 * second);
  const [watched, free] = [await lab.submit('t1'), await lab.submit(undefined)];
  for (let n = 0; n < 10; n += 1) {
    await lab.pass(30 * second);
    await noteWatch(lab.deps, watched, 't1');
  }
  expect([await lab.status(watched), await lab.status(free)]).toEqual(['queued', 'queued']);
  await lab.pass(60 * second);
  expect([await lab.status(watched), await lab.status(free)]).toEqual(['cancelled', 'queued']);
});

test('another token does not keep a run, and does not let it go', async () => {
  const lab = await openLab();
  await lab.pass(60 * second);
  const id = await lab.submit('t1');
  await lab.pass(30 * second);
  await noteWatch(lab.deps, id, 't2');
  await endWatch(lab.deps, id, 't2');
  await lab.pass(30 * second);
  expect(await lab.status(id)).toBe('cancelled');
});

test('a client that leaves on purpose lets the run go on', async () => {
  const lab = await openLab();
  await lab.pass(60 * second);
  const id = await lab.submit('t1');
  await endWatch(lab.deps, id, 't1');
  await lab.pass(300 * second);
  expect(await lab.status(id)).toBe('queued');
});

test('a test that runs is ended by its agent, and what has not started does not start', async () => {
  const lab = await openLab();
  await lab.pass(60 * second);
  const agent = await lab.queue.agent('rack', ['emulator']);
  const id = await lab.submit('t1', ['a', 'b']);
  const lease = await agent.mustTake();
  const jobId = lease.jobs[0]?.job_id ?? '';
  await startAttempt(lab.deps, everyone, { leaseId: lease.lease_id, jobId, attempt: 1 });
  await lab.pass(60 * second);
  const [flagged] = await lab.deps.sql.read('SELECT cancel_requested_at AS at FROM jobs WHERE id = ?', [
    jobId,
  ]);
  expect(flagged?.at).not.toBeNull();
  expect((await readJob(lab.deps, jobId, anyOrg)).status).toBe('running');
  expect(await findRun(lab.deps, id, anyOrg)).toMatchObject({ cancelled: 1, running: 1 });
});

test('after a start of the server, or a database that took no writes, clients have a minute to come back', async () => {
  const lab = await openLab();
  const first = await lab.submit('t1');
  lab.restartAfter(600 * second);
  await lab.pass(55 * second);
  expect(await lab.status(first)).toBe('queued');
  await noteWatch(lab.deps, first, 't1');
  lab.beTroubled();
  await lab.pass(55 * second);
  await noteWatch(lab.deps, first, 't1');
  expect(await lab.status(first)).toBe('queued');
  await lab.pass(65 * second);
  expect(await lab.status(first)).toBe('cancelled');
});

test('a run that has ended is not touched, and nothing is kept of its watch', async () => {
  const lab = await openLab();
  await lab.pass(60 * second);
  const id = await lab.submit('t1');
  await lab.deps.sql.write([
    { sql: `UPDATE jobs SET status = 'passed', outcome = 'passed', finalized_at = 1, changed_at = 1` },
  ]);
  await lab.pass(65 * second);
  expect(await lab.status(id)).toBe('passed');
  expect(await lab.deps.sql.read('SELECT * FROM run_watches')).toEqual([]);
});
