import { readFileSync, rmSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { rotate } from '../stats.ts';
import type { DepthFigures, Depths } from './depth.ts';
import type { PollFigures } from './measure-polls.ts';
import { openChild } from './open-child.ts';
import type { Options } from './options.ts';
import type { Polls } from './polls.ts';
import type { Measured } from './report.ts';
import { countRoundTrips } from './round-trips.ts';
import { runSides } from './run-sides.ts';
import { openSides, ownModule, type Sides } from './sides.ts';
import type { Workspace } from './workspace.ts';

/** Measures the parts that the options name, all in one run on one machine. */
export async function runBench(options: Options, workspace: Workspace): Promise<Measured> {
  const startedAt = new Date().toISOString();
  const machine = describeMachine();
  if (options.parts.has('f')) checkOpenFiles(options.sizes.polls);
  const sides = await openSides(options);
  try {
    const measured = await measureAll(options, sides, workspace);
    return {
      started_at: startedAt,
      minutes: workspace.seconds() / 60,
      machine,
      sizes: options.sizes,
      notes: sides.notes,
      ...measured,
    };
  } finally {
    await sides.stop();
  }
}

async function measureAll(options: Options, sides: Sides, workspace: Workspace) {
  const measured = await runSides(options, sides, workspace);
  // Redis and PostgreSQL are stopped here, so that their memory does not disturb the other parts.
  await sides.stop();
  return {
    sides: measured.sides,
    rounds: sides.entries.length === 0 ? [] : measured.rounds,
    disk: measured.disk,
    depth: options.parts.has('e') ? await runDepth(options, workspace) : {},
    polls: options.parts.has('f') ? await runPolls(options, workspace) : [],
    ...(usesSqld(sides) && { round_trips: await countRoundTrips() }),
  };
}

const usesSqld = ({ entries }: Sides): boolean => entries.some(({ variant }) => variant?.startsWith('sqld'));

/** Each store is filled once; every round measures all of them. */
async function runDepth({ sizes }: Options, workspace: Workspace): Promise<Record<string, DepthFigures[]>> {
  const dir = workspace.newFolder();
  const depths = await openChild<Depths>(ownModule('depth'), dir);
  const figures: Record<string, DepthFigures[]> = {};
  try {
    for (const rows of sizes.depths) {
      const { ms } = await depths.call('fill', rows, sizes.seed);
      workspace.log(`${rows} rows queued in ${(ms / 1000).toFixed(0)} s`);
      await depths.call('measure', rows, Math.min(100, sizes.takes));
      figures[rows] = [];
    }
    for (let n = 0; n < sizes.rounds; n += 1) {
      for (const rows of rotate(sizes.depths, n)) {
        const { result } = await depths.call('measure', rows, sizes.takes);
        figures[rows]?.push(result);
        workspace.log(`round ${n + 1}, ${rows} rows: p50 ${result.p50_ms.toFixed(2)} ms`);
      }
    }
  } finally {
    await depths.end();
    rmSync(dir, { recursive: true, force: true });
  }
  return figures;
}

async function runPolls({ sizes }: Options, workspace: Workspace): Promise<PollFigures[]> {
  const figures: PollFigures[] = [];
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
  return figures;
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
