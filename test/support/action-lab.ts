import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type Client, createClient } from '../../client/index.ts';
import { readConfig, type SettingName } from '../../server/config.ts';
import { startServer } from '../../server/start.ts';
import type { StepOptions } from './action-harness.ts';
import { startAgentIn } from './real-agent.ts';
import { type AgentFileOptions, agentFile, writeFiles } from './workspace-files.ts';

/** A real server and agent for steps of a workflow. */
export interface Lab {
  /** A token of the org `acme` that may submit. */
  readonly token: string;
  readonly url: string;
  /** The operator's client. */
  readonly client: Client;
  /** The agent's workspace, which is also the checkout of the steps. */
  readonly workspace: string;
  /** A step with these inputs in a new workflow run; server and token are added. */
  step(inputs: Record<string, string>, more?: Partial<StepOptions>): StepOptions;
}

type Flags = Readonly<Partial<Record<SettingName, string>>>;

/**
 * Starts both before the tests of a file and stops them after. `files` are the files of the workspace, `flags` more
 * settings of the server, which are read when it starts, `agent` those of the agent, by default with two emulators.
 */
export function useLab(
  files: Readonly<Record<string, string>>,
  flags: () => Flags = () => ({}),
  agent: AgentFileOptions = {},
): () => Lab {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-lab-'));
  let lab: (Lab & { close(): Promise<void> }) | undefined;
  beforeAll(async () => {
    lab = await openLab(folder, files, { flags: flags(), agent });
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

/** One for a single test, which closes it. `folder`: an empty one. */
export async function openLab(
  folder: string,
  files: Readonly<Record<string, string>>,
  more: { readonly flags: Flags; readonly agent: AgentFileOptions },
) {
  const workspace = join(folder, 'workspace');
  writeFiles(workspace, files);
  const flags = { data_dir: join(folder, 'data'), port: '0', log_level: 'silent', ...more.flags };
  const server = await startServer(readConfig(flags, {}));
  const client = createClient({ url: server.url, token: server.adminToken });
  const settings = agentFile({ name: 'lab', devices: 2, workspace: 'workspace', ...more.agent });
  const stopAgent = startAgentIn(folder, server, settings);
  await client.call('createOrg', { body: { org_id: 'acme' } });
  await client.call('patchOrg', { params: { id: 'acme' }, body: { untrusted_targets: ['emulator'] } });
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
