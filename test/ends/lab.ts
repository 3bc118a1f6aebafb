import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { waitForRun } from '../../client/index.ts';
import type { BodyOf } from '../../protocol/contracts.ts';
import type { RunWithJobs, SubmitAnswer } from '../../protocol/shapes/run.ts';
import { startAgentIn } from '../support/real-agent.ts';
import { addOrg, newDataDir, openServer, type TestServer } from '../support/server.ts';
import { projectRoot } from '../support/sources.ts';
import { agentFile, writeFiles } from '../support/workspace-files.ts';
import { World } from '../support/world.ts';
import { ScriptedAgent } from './scripted-agent.ts';

type Body = Partial<BodyOf<'submitRun'>>;

/** A server with a clock that only the test advances, and a real agent with one device for each given pool. */
export interface EndsLab {
  readonly server: TestServer;
  readonly token: string;
  /** A token of another org. */
  readonly strangerToken: string;
  /** Submits with all retries off, unless the body says otherwise; returns the run's id. */
  submit(body?: Body): Promise<string>;
  /** A run whose test the agent has started and which does not end by itself. */
  submitSlow(body?: Body): Promise<string>;
  /** A run on a device of its own; a scripted agent has started its first job. */
  startJob(body?: Body): Promise<{ readonly runId: string; readonly agent: ScriptedAgent }>;
  /** Cancels the run; returns the id. */
  cancel(runId: string): Promise<string>;
  /** Advances the clock and waits until the run changes. */
  advance(runId: string, ms: number): Promise<void>;
  /** Waits until the run is final; returns the id. */
  final(runId: string): Promise<string>;
  close(): Promise<void>;
}

export const slowTest = { path: 'slow.sh', target: 'emulator/slow' };

/** `pools` are targets with one device each; `files` are the files of the agent's workspace. */
export async function openEndsLab(
  pools: readonly string[],
  files: Readonly<Record<string, string>>,
): Promise<EndsLab> {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-ends-'));
  let now = Date.UTC(2026, 0, 1);
  const server = await openServer(newDataDir(folder), { now: () => now });
  const tokens = await addOrg(server, 'acme');
  const stranger = await addOrg(server, 'other');
  const stopAgent = startAgent(folder, server, pools, files);
  await untilRegistered(server, pools.length);
  const world = new World(server, tokens);
  const client = server.as(tokens.submit);
  const readRun = (id: string, afterRev: number): Promise<RunWithJobs> =>
    client.call('getRun', { params: { id }, query: { after_rev: afterRev, wait_ms: 20_000 } });
  const start = (body: Body): Promise<SubmitAnswer> =>
    world.submit({ max_retries: 0, retry_failed_tests: 0, ...body });
  const submit = async (body: Body = {}): Promise<string> => (await start(body)).run.run_id;
  return {
    ...{ server, token: tokens.submit, strangerToken: stranger.submit, submit },
    async submitSlow(body) {
      const id = await submit({ ...body, tests: [slowTest.path], target: slowTest.target });
      for (let run = await readRun(id, 0); run.counts.running === 0; ) run = await readRun(id, run.rev);
      return id;
    },
    async startJob(body) {
      const fleet = await world.fleet();
      const runId = await submit({ ...body, target: fleet.target });
      return { runId, agent: await ScriptedAgent.start(world, fleet) };
    },
    async cancel(id) {
      await client.call('cancelRun', { params: { id } });
      return id;
    },
    async advance(id, ms) {
      const { rev } = await readRun(id, 0);
      now += ms;
      for (let after = rev; after === rev; ) after = (await readRun(id, rev)).rev;
    },
    async final(id) {
      await waitForRun(client, id);
      return id;
    },
    async close() {
      await stopAgent();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const untilRegistered = (server: TestServer, pools: number) =>
  vi.waitFor(
    async () => {
      const { devices } = await server.client.call('listDevices', { query: { limit: 500 } });
      if (devices.length <= pools) throw new Error('the agent has not registered');
    },
    { timeout: 30_000, interval: 5 },
  );

function startAgent(
  folder: string,
  server: TestServer,
  pools: readonly string[],
  files: Readonly<Record<string, string>>,
): () => Promise<unknown> {
  const workspace = join(folder, 'workspace');
  writeFiles(workspace, { ...files, [slowTest.path]: 'exec sleep 300' });
  symlinkSync(join(projectRoot, 'node_modules'), join(workspace, 'node_modules'));
  const settings = agentFile({
    name: 'rack',
    workspace: 'workspace',
    devices: [...pools, slowTest.target],
    install: ['sh', '-c', 'test "$QGJOB_APP_VERSION_ID" != broken'],
  });
  return startAgentIn(folder, server, settings);
}
