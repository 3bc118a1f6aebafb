import { readFileSync, rmSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { rotate } from '../stats.ts';
import type { Depths } from './depth.ts';
import { openChild } from './open-child.ts';
import type { Options } from './options.ts';
import type { Polls } from './polls.ts';
import type { Draft } from './report.ts';
import { countRoundTrips } from './round-trips.ts';
import { runSides } from './run-sides.ts';
import { openSides, ownModule, type Sides } from './sides.ts';
import type { Workspace } from './workspace.ts';

/** A draft without figures, of a run that begins now. */
export const startDraft = ({ sizes }: Options): Draft => ({
  started_at: new Date().toISOString(),
  minutes: 0,
  machine: describeMachine(),
  sizes,
  sides: {},
  notes: [],
  rounds: [],
  disk: {},
  depth: {},
  polls: [],
});

/**
 * Measures the parts that the options name, all in one run on one machine. Each figure is in the draft as soon as it is
 * measured, so what was measured before an error is not lost.
 */
export async function runBench(options: Options, workspace: Workspace, draft: Draft): Promise<void> {
  if (options.parts.has('f')) checkOpenFiles(options.sizes.polls);
  const sides = await openSides(options);
  draft.notes = sides.notes;
  try {
    await runSides({ options, available: sides, workspace }, draft);
  } finally {
    // Redis and PostgreSQL are stopped here, so that their memory does not disturb the other parts.
    await sides.stop();
  }
  if (options.parts.has('e')) await runDepth(options, workspace, draft);
  if (options.parts.has('f')) await runPolls(options, workspace, draft);
  if (usesSqld(sides)) draft.round_trips = await countRoundTrips();
}

const usesSqld = ({ entries }: Sides): boolean => entries.some(({ variant }) => variant?.startsWith('sqld'));

/** Each store is filled once; every round measures all of them. */
async function runDepth({ sizes }: Options, workspace: Workspace, { depth }: Draft): Promise<void> {
  const dir = workspace.newFolder();
  const depths = await openChild<Depths>(ownModule('depth'), dir);
  try {
    for (const rows of sizes.depths) {
      const { ms } = await depths.call('fill', rows, sizes.seed);
      workspace.log(`${rows} rows queued in ${(ms / 1000).toFixed(0)} s`);
      await depths.call('measure', rows, Math.min(100, sizes.takes));
      depth[rows] = [];
    }
    for (let n = 0; n < sizes.rounds; n += 1) {
      for (const rows of rotate(sizes.depths, n)) {
        const { result } = await depths.call('measure', rows, sizes.takes);
        depth[rows]?.push(result);
        workspace.log(`round ${n + 1}, ${rows} rows: p50 ${result.p50_ms.toFixed(2)} ms`);
      }
    }
  } finally {
    await depths.end();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function runPolls({ sizes }: Options, workspace: Workspace, { polls: figures }: Draft): Promise<void> {
  while (figures.length < sizes.rounds) {
    const dir = workspace.newFolder();
    const polls = await openChild<Polls>(ownModule('polls'), dir);
    try {
      const { result } = await polls.call('measure', sizes);
      figures.push(result);
      workspace.log(`round ${figures.length}, long polls: ${result.kib_per_poll.toFixed(1)} KiB each`);
    } finally {
      await polls.end();
      rmSync(dir, { recursive: true, force: true });
    }
  }
}

/** Files that a process needs besides its connections. */
const otherFiles = 500;

/** Throws if this system does not let a process have so many connections. Node raises its limit to the hard limit. */
function checkOpenFiles(connections: number): void {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const hard = Number(/^Max open files +\S+ +(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  if (hard >= connections + otherFiles) return;
  throw new Error(
    `${connections} long polls need as many open files, and the limit is ${hard}: raise "ulimit -n"`,
  );
}

/** For the report: figures of different machines cannot be compared. */
const describeMachine = () => ({
  cores: cpus().length,
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  memory_gib: Math.round(totalmem() / 2 ** 30),
  kernel: `${process.platform} ${release()}`,
  node: process.version,
  load_before: readLoad(),
});

/** Mean number of runnable processes in the last minute: shows whether the machine did anything else. */
const readLoad = (): number => Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]);
