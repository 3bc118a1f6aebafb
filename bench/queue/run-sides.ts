import { rmSync } from 'node:fs';
import { measureSide, type SideFigures } from './measure-side.ts';
import { openChild } from './open-child.ts';
import type { Options, Part } from './options.ts';
import type { Round } from './report.ts';
import type { Field } from './services.ts';
import type { Side } from './side.ts';
import type { SideEntry } from './sides.ts';
import { rotate } from './stats.ts';
import type { Workspace } from './workspace.ts';

type About = Side['about'];

export interface SidesMeasured {
  readonly sides: Readonly<Record<string, About>>;
  readonly rounds: readonly Round[];
}

/** Round after round, every side in each, another one first in each: what the disk does meets all of them. */
export async function runSides(options: Options, field: Field, workspace: Workspace): Promise<SidesMeasured> {
  const sides: Record<string, About> = {};
  const rounds: Round[] = [];
  for (let n = 0; n < options.sizes.rounds; n += 1) {
    const round: Record<string, SideFigures> = {};
    for (const entry of rotate(field.sides, n)) {
      const { about, figures } = await runSide(entry, options, field, workspace);
      sides[entry.name] = about;
      round[entry.name] = figures;
      workspace.tell(`round ${n + 1}, ${entry.name}: ${inShort(figures)}`);
    }
    rounds.push(round);
  }
  // In the order of the table, not of the first round.
  return {
    sides: Object.fromEntries(field.sides.map(({ name }) => [name, sides[name] as About])),
    rounds,
  };
}

async function runSide(entry: SideEntry, options: Options, field: Field, workspace: Workspace) {
  const dir = workspace.newFolder();
  const side = await openChild<Side>(entry.module, dir, field.env);
  try {
    const parts = new Set<Part>(entry.parts.filter((part) => options.parts.has(part)));
    return { about: side.about as About, figures: await measureSide(side, parts, options.sizes) };
  } finally {
    await side.end();
    rmSync(dir, { recursive: true, force: true });
  }
}

const inShort = (figures: SideFigures): string =>
  Object.entries(figures)
    .map(([name, value]) => `${name} ${value < 100 ? value.toFixed(2) : Math.round(value)}`)
    .join(', ');
