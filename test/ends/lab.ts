import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { vi } from 'vitest';
import { runAgent } from '../../agent/main.ts';
import { waitForRun } from '../../client/index.ts';
import type { BodyOf } from '../../protocol/contracts.ts';
import type { RunWithJobs, SubmitAnswer } from '../../protocol/shapes/run.ts';
import { addOrg, newDataDir, openServer, type TestServer } from '../support/server.ts';
import { projectRoot } from '../support/sources.ts';
import { World } from '../support/world.ts';
import { ScriptedAgent } from './scripted-agent.ts';

type Body = Partial<BodyOf<'submitRun'>>;

/** One server with a clock that only the test moves, and one real agent with a device for each pool it is given. */
export interface EndsLab {
  readonly server: TestServer;
  readonly token: string;
  /** Of another org. */
  readonly strangerToken: string;
  /** Submits without a retry of anything, unless the body says otherwise; answers the run's id. */
  submit(body?: Body): Promise<string>;
  /** A run whose test the agent has started, and which does not end by itself. */
  submitSlow(body?: Body): Promise<string>;
  /** A run of a device of its own, whose first job an agent that the test plays has started. */
  startJob(body?: Body): Promise<{ readonly runId: string; readonly held: ScriptedAgent }>;
  /** Asks for the cancel; answers the id. */
  cancel(runId: string): Promise<string>;
  /** Moves the clock and waits for what that changes about the run. */
  advance(runId: string, ms: number): Promise<void>;
  /** Waits until the run is final. */
  final(runId: string): Promise<string>;
  close(): Promise<void>;
}

export const slowTest = { path: 'slow.sh', target: 'emulator/slow' };

/** `pools` are targets with one device each; `files` what the agent's workspace holds. */
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
  await vi.waitFor(
    async () => {
      const { devices } = await server.client.call('listDevices', { query: { limit: 500 } });
      if (devices.length <= pools.length) throw new Error('the agent has not registered');
    },
    { timeout: 30_000, interval: 5 },
  );
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
      for (let now = await readRun(id, 0); now.counts.running === 0; ) now = await readRun(id, now.rev);
      return id;
    },
    async startJob(body) {
      const fleet = await world.fleet();
      const runId = await submit({ ...body, target: fleet.target });
      return { runId, held: await ScriptedAgent.start(world, fleet) };
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

function startAgent(
  folder: string,
  server: TestServer,
  pools: readonly string[],
  files: Readonly<Record<string, string>>,
): () => Promise<unknown> {
  const workspace = join(folder, 'workspace');
  for (const [path, text] of Object.entries({ ...files, [slowTest.path]: 'exec sleep 300' })) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    writeFileSync(join(workspace, path), text);
  }
  symlinkSync(join(projectRoot, 'node_modules'), join(workspace, 'node_modules'));
  const config = join(folder, 'qgjob.agent.json');
  const install = ['sh', '-c', 'test "$QGJOB_APP_VERSION_ID" != broken'];
  const settings = {
    name: 'rack',
    sources: { workspace: 'workspace' },
    devices: [...pools, slowTest.target].map((target) => ({ driver: 'simulated', target })),
    frameworks: { default: 'command', command: { install, test: ['sh', '{test}'] } },
  };
  writeFileSync(config, JSON.stringify(settings));
  const stop = new AbortController();
  const done = runAgent({ config, serverUrl: server.url, token: server.adminToken, kill: stop.signal });
  return () => {
    stop.abort();
    return done;
  };
}
