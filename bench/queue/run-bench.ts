import { rmSync } from 'node:fs';
import type { DepthFigures, Depths } from './depth.ts';
import { checkOpenFiles } from './enough-files.ts';
import { describeMachine } from './machine.ts';
import type { PollFigures } from './measure-polls.ts';
import { openChild } from './open-child.ts';
import type { Options } from './options.ts';
import type { Polls } from './polls.ts';
import type { Measured } from './report.ts';
import { runSides } from './run-sides.ts';
import { type Field, openField } from './services.ts';
import { ownModule } from './sides.ts';
import { rotate } from '../stats.ts';
import type { Workspace } from './workspace.ts';

/** Measures what the options name, all in one run on one machine. */
export async function runBench(options: Options, workspace: Workspace): Promise<Measured> {
  const startedAt = new Date().toISOString();
  const machine = describeMachine();
  if (options.parts.has('f')) checkOpenFiles(options.sizes.polls);
  const field = await openField(options);
  try {
    const measured = await measureAll(options, field, workspace);
    return {
      started_at: startedAt,
      minutes: workspace.seconds() / 60,
      machine,
      sizes: options.sizes,
      notes: field.notes,
      ...measured,
    };
  } finally {
    await field.stop();
  }
}

async function measureAll(options: Options, field: Field, workspace: Workspace) {
  const { sides, rounds } = await runSides(options, field, workspace);
  // What they hold in memory is not to be in the way of the rest.
  await field.stop();
  return {
    sides,
    rounds: field.sides.length === 0 ? [] : rounds,
    depth: options.parts.has('e') ? await runDepth(options, workspace) : {},
    polls: options.parts.has('f') ? await runPolls(options, workspace) : [],
  };
}

/** The stores are filled once; the rounds go through all of them. */
async function runDepth({ sizes }: Options, workspace: Workspace): Promise<Record<string, DepthFigures[]>> {
  const dir = workspace.newFolder();
  const depths = await openChild<Depths>(ownModule('depth'), dir);
  const figures: Record<string, DepthFigures[]> = {};
  try {
    for (const rows of sizes.depths) {
      const { ms } = await depths.call('fill', rows, sizes.seed);
      workspace.tell(`${rows} rows queued in ${(ms / 1000).toFixed(0)} s`);
      await depths.call('measure', rows, Math.min(100, sizes.takes));
      figures[rows] = [];
    }
    for (let n = 0; n < sizes.rounds; n += 1) {
      for (const rows of rotate(sizes.depths, n)) {
        const { result } = await depths.call('measure', rows, sizes.takes);
        figures[rows]?.push(result);
        workspace.tell(`round ${n + 1}, ${rows} rows: p50 ${result.p50_ms.toFixed(2)} ms`);
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
      workspace.tell(`round ${figures.length}, held polls: ${result.kib_per_poll.toFixed(1)} KiB each`);
    } finally {
      await polls.end();
      rmSync(dir, { recursive: true, force: true });
    }
  }
  return figures;
}
