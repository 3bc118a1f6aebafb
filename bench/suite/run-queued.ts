import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Suite, type SuiteName, suites } from './make-suite.ts';
import type { Farm } from './open-farm.ts';
import type { SuiteRun } from './run-alone.ts';
import { readTimeline } from './timeline.ts';

interface Line {
  readonly test_path?: string;
  readonly job_id?: string;
  readonly status?: string;
  readonly conclusion?: string;
  readonly installs?: number;
  readonly serves?: number;
}

/** The same suite through the queue, as a user would run it: one command that waits. Throws when it does not pass. */
export async function runQueued(
  farm: Farm,
  suite: Suite,
  name: SuiteName,
  version: string,
): Promise<SuiteRun> {
  suite.reset();
  const words = ['--org-id=bench', `--app-version-id=${version}`, `--test=tests/${name}/*.spec.js`];
  const from = Date.now();
  const argv = [farm.cli, 'submit', ...words, '--source=bundle', '--wait', '--json'];
  const child = spawn(process.execPath, argv, {
    cwd: suite.folder,
    env: { ...process.env, QGJOB_SERVER_URL: farm.url, QGJOB_TOKEN: farm.token },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const told = new Map<string, number>();
  let run: Line = {};
  createInterface(child.stdout).on('line', (text) => {
    const line = JSON.parse(text) as Line;
    if (line.test_path && line.status === 'passed') told.set(line.test_path, Date.now());
    if (line.conclusion) run = line;
  });
  const [code] = await once(child, 'close');
  const wallMs = Date.now() - from;
  if (code !== 0 || told.size !== suites[name])
    throw new Error(`through the queue: exit ${code}, ${told.size} of ${suites[name]} jobs passed`);
  const { firstBegin, gaps, tests, lastEnd, lastFiles } = readTimeline(suite.log);
  const waits = [...told].map(([path, at]) => {
    const file = path.replace('tests/', '');
    return { isLast: lastFiles.has(file), ms: at - (lastEnd.get(file) ?? Number.NaN) };
  });
  const toldMs = waits.filter(({ isLast }) => !isLast).map(({ ms }) => ms);
  const lastToldMs = waits.filter(({ isLast }) => isLast).map(({ ms }) => ms);
  return {
    wallMs,
    firstTestMs: firstBegin - from,
    gaps,
    toldMs,
    lastToldMs,
    tests,
    ...(run.installs !== undefined && { installs: run.installs }),
    ...(run.serves !== undefined && { serves: run.serves }),
  };
}
