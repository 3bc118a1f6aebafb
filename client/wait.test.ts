import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { makeJob, makeRun } from '../cli/test-support/answers.ts';
import type { Job } from '../protocol/shapes/job.ts';
import type { Run } from '../protocol/shapes/run.ts';
import { createClient } from './client.ts';
import { waitForJob, waitForRun } from './wait.ts';

/** Answers each call with the next of these; the last one repeats. A string ends the connection without an answer. */
async function serve(answers: readonly (object | string)[]): Promise<{ url: string; queries: string[] }> {
  const queries: string[] = [];
  const server = createServer((request, response) => {
    queries.push(request.url?.split('?')[1] ?? '');
    answer(request, response, answers[Math.min(queries.length, answers.length) - 1]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => close(server));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, queries };
}

function answer(request: IncomingMessage, response: ServerResponse, what: object | string | undefined): void {
  if (typeof what === 'string') request.socket.destroy();
  else response.setHeader('content-type', 'application/json').end(JSON.stringify(what));
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

const run = (status: Run['status'], rev: number, jobs: Job[], more?: true) => ({
  ...makeRun({ status, rev }),
  jobs,
  more,
});
const job = (id: string, rev: number, status: Job['status'] = 'passed') =>
  makeJob({ job_id: id, rev, status, ...(status === 'running' && { outcome: null }) });
const clientOf = (url: string) => createClient({ url, token: 't' }, { forMs: 0 });

test('a run is read in pages, followed through an outage, and answered when it is final', async () => {
  const { url, queries } = await serve([
    run('running', 9, [job('job_1', 1)], true),
    run('running', 9, [job('job_2', 4, 'running')]),
    'no answer',
    run('passed', 12, [job('job_2', 12)]),
  ]);
  const seen: string[] = [];
  const troubles: string[] = [];
  const view = await waitForRun(clientOf(url), 'run_1', {
    onChange: (_, changed) => seen.push(...changed.map(({ job_id: id, status }) => `${id} ${status}`)),
    onRetry: (message) => troubles.push(message),
  });
  expect(view.run).toEqual(makeRun({ status: 'passed', rev: 12 }));
  expect([...view.jobs.keys()]).toEqual(['job_1', 'job_2']);
  expect(seen).toEqual(['job_1 passed', 'job_2 running', 'job_2 passed']);
  expect(troubles).toEqual([expect.stringMatching(/^the connection to .* broke before an answer came/)]);
  expect(queries.map((query) => query.split('&')[0])).toEqual([
    'after_rev=0',
    'after_rev=1',
    'after_rev=9',
    'after_rev=9',
  ]);
});

test('a wait whose time ends while the server is away answers what it knew', async () => {
  const { url } = await serve([run('running', 3, [job('job_1', 3, 'running')]), 'no answer']);
  const view = await waitForRun(clientOf(url), 'run_1', { timeoutMs: 300 });
  expect(view.run.status).toBe('running');
  const one = await serve([job('job_1', 3, 'running'), 'no answer']);
  expect(await waitForJob(clientOf(one.url), 'job_1', { timeoutMs: 300 })).toMatchObject({
    status: 'running',
  });
});

test('a wait for a server that never answered, or is away for too long, is an error', async () => {
  const { url } = await serve(['no answer']);
  await expect(waitForRun(clientOf(url), 'run_1', { timeoutMs: 300 })).rejects.toMatchObject({
    code: 'unavailable',
  });
  const away = await serve([run('running', 3, []), 'no answer']);
  await expect(waitForRun(clientOf(away.url), 'run_1', { outageMs: 50 })).rejects.toMatchObject({
    code: 'unavailable',
  });
});

test('a wait that is given up ends with the reason', async () => {
  const { url } = await serve([run('running', 3, [])]);
  const controller = new AbortController();
  const reason = new Error('given up');
  const waiting = waitForRun(clientOf(url), 'run_1', {
    signal: controller.signal,
    onChange: () => controller.abort(reason),
  });
  await expect(waiting).rejects.toBe(reason);
});
