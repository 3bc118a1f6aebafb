import { expect, test } from 'vitest';
import { createClient } from '../../client/index.ts';
import { error, foreign, json, serve } from '../../client/test-support/serve.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Why } from '../../protocol/shapes/why.ts';
import { makeJob, makeRecord } from '../test-support/records.ts';
import { createQueueNews, describeWhy } from './queue-news.ts';

const why: Why = {
  job_id: 'j',
  status: 'queued',
  position: 2,
  blocked_by: [],
  notes: [],
  starts_in_ms: 125_000,
};
const never = new AbortController().signal;

/** What is said of these looks at a run, each at its time in ms. */
async function news(url: string, looks: readonly (readonly [at: number, jobs: readonly Job[]])[]) {
  const lines: string[] = [];
  let now = 0;
  const client = createClient({ url, token: 't' });
  const told = createQueueNews(client, {
    say: (line) => lines.push(line),
    fold: (title, text) => lines.push(`${title} {`, text, '}'),
    stop: never,
    now: () => now,
  });
  for (const [at, jobs] of looks) {
    now = at;
    const { run } = makeRecord(jobs, { status: 'running', conclusion: null });
    told.look({ run, jobs: new Map(jobs.map((job) => [job.job_id, job])) }, jobs);
  }
  await told.settle();
  return lines;
}

test('why nothing starts is asked at most every 30 s, and only while no job has a device', async () => {
  const { url, seen } = await serve(json(200, why), json(200, { ...why, position: 1 }));
  const waiting = [makeJob('a', { status: 'queued' })];
  const lines = await news(url, [
    [0, waiting],
    [29_000, waiting],
    [30_000, waiting],
    [90_000, [...waiting, makeJob('b', { status: 'running' })]],
  ]);
  expect(lines).toEqual([
    'waiting: number 2 in the queue; starts in about 2 m 05 s',
    'waiting: number 1 in the queue; starts in about 2 m 05 s',
  ]);
  expect(seen).toHaveLength(2);
});

test('a device is told when it takes a group and when its first test runs, by its id where nothing names it', async () => {
  const { url } = await serve(error(403, 'forbidden'));
  const held = { lease_id: 'lease_1', device_id: 'dev_1' };
  const [a, b] = ['a', 'b'].map((name) => makeJob(name, { status: 'scheduled', ...held }));
  const jobs = [a, b].filter((job) => job !== undefined);
  const running = jobs.map((job) => ({ ...job, status: 'running' as const }));
  expect(
    await news(url, [
      [0, jobs],
      [1, running],
      [2, running],
    ]),
  ).toEqual(['installing on dev_1', 'running on dev_1']);
});

test('the words of an answer: the place, up to three reasons, the estimate', () => {
  const block: Why['blocked_by'][number] = {
    reason: 'target_paused',
    message: 'the pool is paused',
    until: null,
  };
  expect(describeWhy({ ...why, blocked_by: Array(4).fill(block) })).toBe(
    'waiting: number 2 in the queue; the pool is paused; the pool is paused; the pool is paused; starts in about 2 m 05 s',
  );
  expect(describeWhy({ ...why, position: null, starts_in_ms: null })).toBe('');
});

test('what a failed test wrote is folded once it has failed', async () => {
  const { url } = await serve(
    foreign(200, 'expected 3\nreceived 4\n', { 'content-type': 'text/plain; charset=utf-8' }),
  );
  const jobs = [makeJob('a'), makeJob('b', { status: 'failed', outcome: null })];
  expect(await news(url, [[0, jobs]])).toEqual([
    'log of b on emulator, failed {',
    'expected 3\nreceived 4',
    '}',
  ]);
});
