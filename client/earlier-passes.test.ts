import { expect, test } from 'vitest';
import { makeJob, makeRun } from '../cli/test-support/answers.ts';
import type { Job } from '../protocol/shapes/job.ts';
import type { Run } from '../protocol/shapes/run.ts';
import { createClient } from './client.ts';
import { readEarlierPasses } from './earlier-passes.ts';
import { error, json, serve } from './test-support/serve.ts';

const job = (path: string, runId: string, status: Job['status'] = 'passed'): Job =>
  makeJob({ ...{ job_id: `job_${path}_${runId}`, run_id: runId, test_path: path, status } });
const run = (id: string, retryOf: string | null, before: number): Run =>
  makeRun({ ...{ run_id: id, status: 'failed', retry_of: retryOf, passed_before: before } });
const wanted = ['a', 'b', 'c'].map((test_path) => ({ test_path, target: job('a', '').target }));

/** A server that knows these runs alone. */
async function clientOf(known: Record<string, Run & { jobs: Job[] }>) {
  const { url } = await serve((response, request) => {
    const found = known[/runs\/(\w+)/.exec(request.url ?? '')?.[1] ?? ''];
    (found ? json(200, found) : error(404, 'not_found'))(response, request);
  });
  return createClient({ url, token: 't' }, { forMs: 0 });
}

const third = { run: run('run_3', 'run_2', 2), jobs: [job('c', 'run_3', 'failed')] };
const second = { ...run('run_2', 'run_1', 1), jobs: [job('b', 'run_2'), job('c', 'run_2', 'failed')] };
const first = {
  ...run('run_1', null, 0),
  jobs: [job('a', 'run_1'), job('b', 'run_1', 'failed'), job('c', 'run_1', 'failed'), job('gone', 'run_1')],
};

test('what passed in earlier attempts is found in the run in which it did', async () => {
  const client = await clientOf({ run_2: second, run_1: first });
  const found = await readEarlierPasses(client, third, wanted);
  expect(found.map(({ job_id }) => job_id).sort()).toEqual(['job_a_run_1', 'job_b_run_2']);
});

test('an earlier run that is deleted is left out', async () => {
  const found = await readEarlierPasses(await clientOf({ run_2: second }), third, wanted);
  expect(found.map(({ job_id }) => job_id)).toEqual(['job_b_run_2']);
});

test('of a run that left nothing out nothing is read', async () => {
  const client = createClient({ url: 'http://127.0.0.1:9', token: 't' }, { forMs: 0 });
  expect(await readEarlierPasses(client, { run: run('run_2', 'run_1', 0), jobs: [] }, wanted)).toEqual([]);
});

test('a signal ends it while the server is asked', async () => {
  const stop = new AbortController();
  const reason = new Error('enough');
  const { url } = await serve(() => stop.abort(reason));
  const client = createClient({ url, token: 't' });
  await expect(readEarlierPasses(client, third, wanted, stop.signal)).rejects.toBe(reason);
});
