import { rmSync } from 'node:fs';
import { measureDisk } from './disk.ts';
import { measurePhase, phases, type SideFigures } from './measure-side.ts';
import { openChild } from './open-child.ts';
import type { Options, Part } from './options.ts';
import type { Draft } from './report.ts';
import type { Side } from './side.ts';
import type { SideEntry, Sides } from './sides.ts';
import type { Workspace } from './workspace.ts';

/**
 * In each round and phase every side is measured, in every other round in the opposite order. Sides that are compared
 * stand near each other, so they do the same work within a minute or two, under the same conditions of the disk. Each
 * figure is in the draft as soon as it is measured. Throws with the name of the side that failed.
 */
export async function runSides(environment: Environment, draft: Draft): Promise<void> {
  const { options, available, workspace } = environment;
  if (available.entries.length === 0) return;
  for (let n = 0; n < options.sizes.rounds; n += 1) {
    const round: Record<string, SideFigures> = {};
    draft.rounds.push(round);
    for (const phase of phases) {
      const asked = phase.filter((part) => options.parts.has(part));
      const able = available.entries.filter((side) => asked.some((part) => side.parts.includes(part)));
      if (able.length > 0) noteDisk(asked.join(), environment, draft);
      for (const entry of n % 2 === 0 ? able : able.toReversed()) {
        const parts = asked.filter((part) => entry.parts.includes(part));
        const { about, figures } = await runSide(entry, parts, environment);
        draft.sides = inTableOrder({ ...draft.sides, [entry.name]: about }, available);
        round[entry.name] = { ...round[entry.name], ...figures };
        workspace.log(`round ${n + 1}, ${entry.name}: ${inShort(figures)}`);
      }
    }
  }
}

/** First what is ours, then the peers. */
function inTableOrder(sides: Draft['sides'], { entries }: Sides): Draft['sides'] {
  const names = entries.toSorted((a, b) => Number(a.isPeer) - Number(b.isPeer)).map(({ name }) => name);
  return Object.fromEntries(names.flatMap((name) => (sides[name] ? [[name, sides[name]]] : [])));
}

/** The speed of the disk changes from minute to minute, on a machine that others use as well. */
function noteDisk(phase: string, { workspace }: Environment, draft: Draft): void {
  const syncs = measureDisk(workspace.newFolder());
  draft.disk[phase] = [...(draft.disk[phase] ?? []), syncs];
  workspace.log(`the disk alone before ${phase}: ${Math.round(syncs)} syncs a second`);
}

export interface Environment {
  readonly options: Options;
  readonly available: Sides;
  readonly workspace: Workspace;
}

/** In a process of its own, started anew for each phase. It leaves nothing in a store that several sides use. */
async function runSide(
  entry: SideEntry,
  parts: readonly Part[],
  { options, available, workspace }: Environment,
): Promise<{ about: Side['about']; figures: SideFigures }> {
  const dir = workspace.newFolder();
  try {
    const child = await openChild<Side>(entry.module, dir, { env: available.env, variant: entry.variant });
    const fsyncs = available.counterOf(entry, child.pid);
    try {
      const figures = await measurePhase({ child, fsyncs }, parts, options.sizes);
      await child.call('reset');
      return { about: child.about as Side['about'], figures };
    } finally {
      await child.end();
    }
  } catch (error) {
    throw new Error(`${entry.name}, ${parts.join()}: ${(error as Error).message}`, { cause: error });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const inShort = (figures: SideFigures): string =>
  Object.entries(figures)
    .map(([name, value]) => `${name} ${value < 100 ? value.toFixed(2) : Math.round(value)}`)
    .join(', ');
