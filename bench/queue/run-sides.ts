import { rmSync } from 'node:fs';
import { measureDisk } from './disk.ts';
import { measurePhase, phases, type SideFigures } from './measure-side.ts';
import { openChild } from './open-child.ts';
import type { Options, Part } from './options.ts';
import type { Round } from './report.ts';
import type { Side } from './side.ts';
import type { SideEntry, Sides } from './sides.ts';
import type { Workspace } from './workspace.ts';

type About = Side['about'];

export interface SidesMeasured {
  readonly sides: Readonly<Record<string, About>>;
  readonly rounds: readonly Round[];
  /** Syncs a second of the disk alone, before each round. */
  readonly disk: readonly number[];
}

/**
 * In each round and phase every side is measured, in every other round in the opposite order. Sides that are compared
 * stand near each other, so they do the same work within a minute or two, under the same conditions of the disk.
 */
export async function runSides(
  options: Options,
  available: Sides,
  workspace: Workspace,
): Promise<SidesMeasured> {
  const sides: Record<string, About> = {};
  const rounds: Round[] = [];
  const disk: number[] = [];
  for (let n = 0; n < options.sizes.rounds; n += 1) {
    const round: Record<string, SideFigures> = {};
    disk.push(measureDisk(workspace.newFolder()));
    workspace.log(`round ${n + 1}, the disk alone: ${Math.round(disk[n] ?? 0)} syncs a second`);
    for (const phase of phases) {
      const asked = phase.filter((part) => options.parts.has(part));
      const able = available.entries.filter((side) => asked.some((part) => side.parts.includes(part)));
      for (const entry of n % 2 === 0 ? able : able.toReversed()) {
        const parts = asked.filter((part) => entry.parts.includes(part));
        const { about, figures } = await runSide(entry, parts, { options, available, workspace });
        sides[entry.name] = about;
        round[entry.name] = { ...round[entry.name], ...figures };
        workspace.log(`round ${n + 1}, ${entry.name}: ${inShort(figures)}`);
      }
    }
    rounds.push(round);
  }
  const names = available.entries.toSorted((a, b) => Number(a.isPeer) - Number(b.isPeer));
  return {
    // In the order of the table: first what is ours.
    sides: Object.fromEntries(names.map(({ name }) => [name, sides[name] as About])),
    rounds,
    disk,
  };
}

interface Environment {
  readonly options: Options;
  readonly available: Sides;
  readonly workspace: Workspace;
}

/** In a process of its own, started anew for each phase. It leaves nothing in a store that several sides use. */
async function runSide(
  entry: SideEntry,
  parts: readonly Part[],
  { options, available, workspace }: Environment,
): Promise<{ about: About; figures: SideFigures }> {
  const dir = workspace.newFolder();
  const child = await openChild<Side>(entry.module, dir, { env: available.env, variant: entry.variant });
  const fsyncs = available.counterOf(entry, child.pid);
  try {
    const figures = await measurePhase({ child, fsyncs }, parts, options.sizes);
    await child.call('reset');
    return { about: child.about as About, figures };
  } finally {
    await child.end();
    rmSync(dir, { recursive: true, force: true });
  }
}

const inShort = (figures: SideFigures): string =>
  Object.entries(figures)
    .map(([name, value]) => `${name} ${value < 100 ? value.toFixed(2) : Math.round(value)}`)
    .join(', ');
