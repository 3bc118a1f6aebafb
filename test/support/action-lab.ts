import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { runAgent } from '../../agent/main.ts';
import { type Client, createClient } from '../../client/index.ts';
import { readConfig } from '../../server/config.ts';
import { type RunningServer, startServer } from '../../server/start.ts';
import type { StepOptions } from './action-harness.ts';

/** A real server and agent for steps to run against. */
export interface Lab {
  /** A token of the org `acme` that may submit. */
  readonly token: string;
  readonly url: string;
  /** As the operator. */
  readonly client: Client;
  /** The agent's workspace, and the checkout of the steps. */
  readonly workspace: string;
  /** A step of a workflow run of its own with these inputs; server and token are filled in. */
  step(inputs: Record<string, string>, more?: Partial<StepOptions>): StepOptions;
}

/** Starts them before the tests of a file and ends them after. `files` are what the workspace holds. */
export function useLab(files: Readonly<Record<string, string>>): () => Lab {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-lab-'));
  let lab: (Lab & { close(): Promise<void> }) | undefined;
  beforeAll(async () => {
    lab = await openLab(folder, files);
  });
  afterAll(async () => {
    await lab?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    if (lab === undefined) throw new Error('the lab is open in tests only');
    return lab;
  };
}

async function openLab(folder: string, files: Readonly<Record<string, string>>) {
  const workspace = join(folder, 'workspace');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    writeFileSync(join(workspace, path), text);
  }
  const flags = { data_dir: join(folder, 'data'), port: '0', log_level: 'silent' };
  const server = await startServer(readConfig(flags, {}));
  const client = createClient({ url: server.url, token: server.adminToken });
  const stopAgent = startAgent(folder, server);
  await client.call('createOrg', { body: { org_id: 'acme' } });
  const made = { name: 'ci', org_id: 'acme', scopes: ['submit' as const] };
  const { token } = await client.call('createToken', { body: made });
  let workflowRuns = 0;
  return {
    ...{ token, url: server.url, client, workspace },
    step(inputs: Record<string, string>, more?: Partial<StepOptions>) {
      workflowRuns += 1;
      const env = { GITHUB_RUN_ID: String(workflowRuns), ...more?.env };
      return { workspace, ...more, env, inputs: { 'server-url': server.url, token, ...inputs } };
    },
    async close() {
      await stopAgent();
      await server.close();
    },
  };
}

function startAgent(folder: string, server: RunningServer): () => Promise<unknown> {
  const config = join(folder, 'qgjob.agent.json');
  const settings = {
    name: 'lab',
    sources: { workspace: 'workspace' },
    devices: [{ driver: 'simulated', target: 'emulator', count: 2 }],
    frameworks: { default: 'command', command: { test: ['sh', '{test}'] } },
  };
  writeFileSync(config, JSON.stringify(settings));
  const stop = new AbortController();
  const done = runAgent({ config, serverUrl: server.url, token: server.adminToken, kill: stop.signal });
  return () => {
    stop.abort();
    return done;
  };
}
