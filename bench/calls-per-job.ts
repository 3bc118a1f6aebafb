// `npm run bench:calls`: how many HTTP calls a job takes. A built server, a built agent with the two simulated devices of
// `examples/`, and `qgjob submit --wait`, three times over its six tests; counted by the server's own `/metrics`.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { callsPerJob, readHttpCalls } from './http-calls.ts';
import { type ServerProcess, startServerProcess } from './queue/server-process.ts';
import { makeWorkspace } from './queue/workspace.ts';

const root = join(import.meta.dirname, '..');
const runs = 3;

/** A copy of the examples, in which the agent runs. */
function copyExamples(folder: string): string {
  const suite = join(folder, 'examples');
  cpSync(join(root, 'examples'), suite, {
    recursive: true,
    filter: (source) => !/\/(?:\.qgjob|node_modules|test-results)$/.test(source),
  });
  return suite;
}

/** A command of the built CLI; its stdout goes nowhere. */
const start = (cwd: string, args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [join(root, 'build/cli/main.js'), ...args], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
  });

async function readCalls({ url, adminToken }: ServerProcess): Promise<Map<string, number>> {
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${adminToken}` } });
  if (!answer.ok) throw new Error(`/metrics was answered ${answer.status}`);
  return readHttpCalls(await answer.text());
}

async function submitRun(suite: string, dataDir: string): Promise<void> {
  const names = ['--org-id=bench', '--app-version-id=xyz123', '--test=tests/*.spec.js', '--target=emulator'];
  const waits = ['--allow-no-device', '--wait', '--timeout=2m'];
  const [code] = await once(start(suite, ['submit', ...names, ...waits, dataDir]), 'exit');
  if (code !== 0) throw new Error(`a submit ended with ${code}`);
}

/** The calls of all runs, by an agent that ends with them. */
async function measure(server: ServerProcess, suite: string, dataDir: string): Promise<string[]> {
  const before = await readCalls(server);
  const agent = start(suite, ['agent', dataDir]);
  const ended = once(agent, 'exit');
  try {
    for (let n = 0; n < runs; n += 1) await submitRun(suite, dataDir);
    return callsPerJob(before, await readCalls(server), runs * countTests(suite));
  } finally {
    agent.kill('SIGTERM');
    await ended;
  }
}

const countTests = (suite: string): number =>
  readdirSync(join(suite, 'tests')).filter((name) => name.endsWith('.spec.js')).length;

const workspace = makeWorkspace();
try {
  const suite = copyExamples(workspace.newFolder());
  const folder = workspace.newFolder();
  const server = await startServerProcess(folder, { flags: ['--log-level', 'warn'] });
  try {
    const lines = await measure(server, suite, `--data-dir=${folder}`);
    process.stdout.write(`calls a job, ${runs} runs of ${countTests(suite)} jobs:\n${lines.join('\n')}\n`);
  } finally {
    await server.stop();
  }
} finally {
  workspace.remove();
}
