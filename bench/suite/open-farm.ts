import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server and an agent with two slots, as built programs. */
export interface Farm {
  readonly cli: string;
  readonly url: string;
  /** The operator's. */
  readonly token: string;
  /** The most memory that the agent has had, in MiB; NaN where the system does not tell. */
  agentPeak(): number;
  close(): Promise<void>;
}

const readyMs = 30_000;

export async function openFarm(folder: string, project: string): Promise<Farm> {
  const cli = join(project, 'build/cli/main.js');
  const data = join(folder, 'data');
  mkdirSync(folder, { recursive: true });
  const start = (name: string, words: readonly string[], env = {}): ChildProcess => {
    const log = openSync(join(folder, `${name}.log`), 'a');
    return spawn(process.execPath, [cli, ...words], {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', log, log],
    });
  };
  const server = start('server', ['server', '--port', '0', '--data-dir', data]);
  await until(() => existsSync(join(data, 'server.json')) && existsSync(join(data, 'admin.token')));
  const { url } = JSON.parse(readFileSync(join(data, 'server.json'), 'utf8')) as { url: string };
  const token = readFileSync(join(data, 'admin.token'), 'utf8').trim();
  const config = join(folder, 'qgjob.agent.json');
  writeFileSync(
    config,
    JSON.stringify({
      name: 'bench',
      // The packages of the project: what their installation costs is not measured here.
      setup: ['ln', '-s', join(project, 'node_modules'), 'node_modules'],
      devices: [{ driver: 'simulated', target: 'emulator', count: 2 }],
    }),
  );
  const agent = start('agent', ['agent', '--config', config, '--server-url', url], {
    QGJOB_TOKEN: await mintAgentToken(url, token),
  });
  await until(() => readFileSync(join(folder, 'agent.log'), 'utf8').includes('serves'));
  return {
    cli,
    url,
    token,
    agentPeak: () => peakOf(agent.pid),
    close: async () => {
      for (const child of [agent, server]) {
        child.kill('SIGTERM');
        if (child.exitCode === null) await once(child, 'exit');
      }
    },
  };
}

async function until(met: () => boolean): Promise<void> {
  for (const end = Date.now() + readyMs; !met(); await sleep(50))
    if (Date.now() > end) throw new Error('server or agent did not start');
}

async function mintAgentToken(url: string, token: string): Promise<string> {
  const answer = await fetch(`${url}/v1/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'bench', scopes: ['agent'], shared: true }),
  });
  return ((await answer.json()) as { token: string }).token;
}

function peakOf(pid: number | undefined): number {
  try {
    const kib = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Math.round(Number(kib) / 1024);
  } catch {
    return Number.NaN;
  }
}
