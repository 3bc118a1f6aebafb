import { rmSync } from 'node:fs';
import { measurePhase, phases, type SideFigures } from './measure-side.ts';
import { openChild } from './open-child.ts';
import type { Options, Part } from './options.ts';
import type { Round } from './report.ts';
import type { Field } from './services.ts';
import type { Side } from './side.ts';
import type { SideEntry } from './sides.ts';
import { rotate } from '../stats.ts';
import type { Workspace } from './workspace.ts';

type About = Side['about'];

export interface SidesMeasured {
  readonly sides: Readonly<Record<string, About>>;
  readonly rounds: readonly Round[];
}

/** Ours, the floor and the raw insert stay neighbours whoever comes first. */
const shiftPerRound = 3;

/**
 * Round after round, phase after phase, every side in each, another one first in each round: sides that are compared do
 * the same thing within a minute or two, so that what the disk does to one it does to all.
 */
export async function runSides(options: Options, field: Field, workspace: Workspace): Promise<SidesMeasured> {
  const sides: Record<string, About> = {};
  const rounds: Round[] = [];
  for (let n = 0; n < options.sizes.rounds; n += 1) {
    const round: Record<string, SideFigures> = {};
    for (const phase of phases) {
      const asked = phase.filter((part) => options.parts.has(part));
      const able = field.sides.filter((side) => asked.some((part) => side.parts.includes(part)));
      for (const entry of rotate(able, n * shiftPerRound)) {
        const parts = asked.filter((part) => entry.parts.includes(part));
        const { about, figures } = await runSide(entry, parts, { options, field, workspace });
        sides[entry.name] = about;
        round[entry.name] = { ...round[entry.name], ...figures };
        workspace.tell(`round ${n + 1}, ${entry.name}: ${inShort(figures)}`);
      }
    }
    rounds.push(round);
  }
  // In the order of the table, not of the first round.
  return {
    sides: Object.fromEntries(field.sides.map(({ name }) => [name, sides[name] as About])),
    rounds,
  };
}

interface Surroundings {
  readonly options: Options;
  readonly field: Field;
  readonly workspace: Workspace;
}

/** In a process of its own, which starts anew for each phase and leaves nothing in a store that peers share. */
async function runSide(
  entry: SideEntry,
  parts: readonly Part[],
  { options, field, workspace }: Surroundings,
): Promise<{ about: About; figures: SideFigures }> {
  const dir = workspace.newFolder();
  const side = await openChild<Side>(entry.module, dir, field.env);
  try {
    const figures = await measurePhase(side, parts, options.sizes);
    await side.call('reset');
    return { about: side.about as About, figures };
  } finally {
    await side.end();
    rmSync(dir, { recursive: true, force: true });
  }
}

const inShort = (figures: SideFigures): string =>
  Object.entries(figures)
    .map(([name, value]) => `${name} ${value < 100 ? value.toFixed(2) : Math.round(value)}`)
    .join(', ');
