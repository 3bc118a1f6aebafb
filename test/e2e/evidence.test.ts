import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { untilTrue } from '../../agent/test-support/host.ts';
import { type Client, createClient, waitForJob } from '../../client/index.ts';
import type { Artifact } from '../../protocol/shapes/artifact.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import { makeAgentToken } from '../support/agent-token.ts';
import { makeFolder, type RunningCli, startCli } from '../support/processes.ts';
import { openRelay, type Relay } from '../support/relay.ts';
import { agentFile } from '../support/workspace-files.ts';

const mebibyte = 2 ** 20;

/** A test that leaves a file of so many MiB. */
const leaves = (mib: number): string => `head -c ${mib * mebibyte} /dev/zero > "$QGJOB_ARTIFACTS/video.webm"`;

const files = {
  'qgjob.agent.json': agentFile({ name: 'rack', devices: 1 }),
  'small.sh': leaves(8),
  'video.sh': leaves(100),
  'large.sh': leaves(200),
  'next.sh': 'exit 0',
};

async function startServer(cwd: string): Promise<{ server: RunningCli; url: string }> {
  const server = startCli(['server', '--port=0'], { cwd });
  const [, url = ''] = await server.sees(/^qgjob server listening on (http:\S+)$/m);
  return { server, url };
}

/** A server, and an agent that reaches it by a relay; the test reaches it by another one. */
async function startBehindRelay() {
  const cwd = makeFolder(files);
  const first = await startServer(cwd);
  const [relay, own] = await Promise.all([openRelay(first.url), openRelay(first.url)]);
  const token = readFileSync(join(cwd, '.qgjob/admin.token'), 'utf8').trim();
  const env = { QGJOB_SERVER_URL: relay.url, QGJOB_TOKEN: await makeAgentToken(first.url, token) };
  const agent = startCli(['agent'], { cwd, env });
  await agent.sees(/agent rack serves/);
  const client = createClient({ url: own.url, token }, { forMs: 30_000 });
  return { cwd, first, relay, own, agent, client, env };
}

async function submit(client: Client, test: string): Promise<string> {
  const body = { org_id: 'acme', app_version_id: 'v1', test_path: test, retry_failed_tests: 0 };
  return (await client.call('submitJob', { body: { ...body, framework: 'command' } })).job_id;
}

const run = async (client: Client, test: string): Promise<Job> =>
  waitForJob(client, await submit(client, test));

const listOf = async (client: Client, { job_id: id }: Pick<Job, 'job_id'>): Promise<Artifact[]> =>
  (await client.call('listArtifacts', { params: { id } })).artifacts;

/** The first artifact of a job, once it is there: nothing else tells of it. */
async function untilKept(client: Client, job: Pick<Job, 'job_id'>): Promise<Artifact> {
  for (;;) {
    const [first] = await listOf(client, job);
    if (first) return first;
    await sleep(20);
  }
}

/** Resolves once the relay holds an upload in mid-way. */
function holdAt(relay: Relay, bytes: number): Promise<void> {
  return new Promise((resolve) => {
    let isHeld = false;
    relay.whenCarried(bytes, () => {
      if (isHeld) return 'pass';
      isHeld = true;
      resolve();
      return 'hold';
    });
  });
}

/** Uploads that are not whole. */
const halves = (cwd: string): string[] => {
  const folder = join(cwd, '.qgjob/blobs/artifacts/.incoming');
  return existsSync(folder) ? readdirSync(folder) : [];
};

/** In MiB. */
const memoryOf = (pid: number, what: 'VmRSS' | 'VmHWM'): number =>
  Number(new RegExp(`${what}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** Its peak from now on begins with what it has now, which is answered. */
function forgetPeak(pid: number): number {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  return memoryOf(pid, 'VmRSS');
}

test('a video of 200 MiB makes neither the agent nor the server grow by more than 50 MiB', async () => {
  const { first, agent, client } = await startBehindRelay();
  await untilKept(client, await run(client, 'small.sh'));
  const pids = [first.server.pid, agent.pid];
  const before = pids.map(forgetPeak);
  const video = await untilKept(client, await run(client, 'large.sh'));
  expect(video).toMatchObject({ name: 'video.webm', size: 200 * mebibyte, kind: 'video', attempt: 1 });
  const growth = pids.map((pid, index) => memoryOf(pid, 'VmHWM') - (before[index] ?? 0));
  expect(Math.max(...growth)).toBeLessThan(50);
});

test('an upload that is cut in mid-way begins anew, and its verdict is there already', async () => {
  const { cwd, relay, client } = await startBehindRelay();
  let carried = 0;
  relay.whenCarried(30 * mebibyte, () => {
    carried += 1;
    return carried < 3 ? 'cut' : 'pass';
  });
  const job = await run(client, 'video.sh');
  expect(job.status).toBe('passed');
  expect(await untilKept(client, job)).toMatchObject({ size: 100 * mebibyte });
  // Twice cut, and at least once more: on a slow host an upload may also run into its time limit.
  expect(carried).toBeGreaterThanOrEqual(3);
  await untilTrue(() => halves(cwd).length === 0);
});

test('a server that is killed during an upload and comes back gets the whole file', async () => {
  const { cwd, first, relay, own, client } = await startBehindRelay();
  const held = holdAt(relay, 30 * mebibyte);
  const job = await run(client, 'video.sh');
  expect(job.status).toBe('passed');
  await held;
  await first.server.stop('SIGKILL');
  expect(halves(cwd)).toHaveLength(1);
  const second = await startServer(cwd);
  for (const way of [relay, own]) way.connectTo(second.url);
  expect(await untilKept(client, job)).toMatchObject({ size: 100 * mebibyte, attempt: 1 });
  expect(halves(cwd)).toEqual([]);
});

test('an agent that is killed during an upload leaves nothing behind, and its verdict stands', async () => {
  const { cwd, relay, agent, client, env } = await startBehindRelay();
  const held = holdAt(relay, 30 * mebibyte);
  const job = await run(client, 'video.sh');
  await held;
  await agent.stop('SIGKILL');
  await untilTrue(() => halves(cwd).length === 0);
  const next = startCli(['agent'], { cwd, env });
  await next.sees(/agent rack serves/);
  expect((await run(client, 'next.sh')).status).toBe('passed');
  expect((await client.call('getJob', { params: { id: job.job_id } })).status).toBe('passed');
  expect(await listOf(client, job)).toEqual([]);
  const processes = readdirSync(join(cwd, '.qgjob/agent/rack')).filter((name) => /^\d+$/.test(name));
  expect(processes.filter((name) => name !== String(next.pid))).toEqual([]);
});

test('a next test runs while an upload is under way', async () => {
  const { relay, client } = await startBehindRelay();
  const held = holdAt(relay, 30 * mebibyte);
  const job = await run(client, 'video.sh');
  await held;
  expect((await run(client, 'next.sh')).status).toBe('passed');
  expect(await listOf(client, job)).toEqual([]);
});
