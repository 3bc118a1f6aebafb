import { dirname, join, relative } from 'node:path';
import { pathInside } from '../../client/path-inside.ts';

/** What is seen at a path. */
export type Sight =
  /** What the host has there, also for writing. It matters inside of the others. */
  | 'shown'
  /** What the host has there; what is written stays with the lease. */
  | 'layered'
  /** An empty folder of the lease. */
  | 'hidden'
  /** An empty file. */
  | 'emptied'
  /** A new file system in memory. */
  | 'fresh';

export interface Place {
  /** Absolute, real, there. */
  readonly path: string;
  readonly sight: Sight;
  readonly isFile?: boolean;
}

/** One mount, as `enterScript` reads it: a word and its paths. The place is a path of the host. */
export type MountStep =
  | readonly ['overlay', place: string, upper: string, work: string]
  | readonly ['bind', from: string, place: string]
  | readonly ['tmpfs', place: string];

export interface ViewPlan {
  readonly steps: readonly MountStep[];
  /** Folders that must be made before, outer ones first. */
  readonly folders: readonly string[];
  readonly files: readonly string[];
}

/**
 * The mounts that make a view of the host's files, outer places first. They are made in a copy of the host's tree, so
 * whatever they cover in it can still be named by its path on the host. `scratch` takes what they need.
 */
export function planView(places: readonly Place[], scratch: string): ViewPlan {
  const kept = withoutDoubles(places).sort((a, b) => a.path.length - b.path.length);
  const covers = new Map<string, string>();
  const plan = { steps: [] as MountStep[], folders: [] as string[], files: [] as string[] };
  kept.forEach((place, index) => {
    const around = nearestAround(kept.slice(0, index), place.path);
    // It is seen anyway.
    if (place.sight === 'shown' && (around === undefined || around.sight === 'shown')) return;
    const cover = around && covers.get(around.path);
    if (cover !== undefined)
      addMountPoint(plan, join(cover, relative(around?.path ?? '', place.path)), place);
    const own = join(scratch, String(index));
    if (place.sight === 'hidden') covers.set(place.path, own);
    plan.folders.push(...foldersOf(place, own));
    plan.steps.push(stepOf(place, own));
  });
  return plan;
}

/** Of two places with one path the one that shows more counts. */
function withoutDoubles(places: readonly Place[]): Place[] {
  const order: readonly Sight[] = ['shown', 'layered', 'emptied', 'fresh', 'hidden'];
  const sorted = [...places].sort((a, b) => order.indexOf(a.sight) - order.indexOf(b.sight));
  return sorted.filter((place, index) => sorted.findIndex(({ path }) => path === place.path) === index);
}

/** The innermost of the places, outer ones first, that contains a path. */
const nearestAround = (places: readonly Place[], path: string): Place | undefined =>
  places.findLast((place) => pathInside(place.path, path) !== undefined);

/** In a cover there is nothing to mount on. */
function addMountPoint(plan: { folders: string[]; files: string[] }, path: string, place: Place): void {
  const isFile = place.isFile === true || place.sight === 'emptied';
  plan.folders.push(isFile ? dirname(path) : path);
  if (isFile) plan.files.push(path);
}

function foldersOf({ sight }: Place, own: string): string[] {
  if (sight === 'layered') return [join(own, 'upper'), join(own, 'work')];
  return sight === 'hidden' ? [own] : [];
}

function stepOf({ path, sight }: Place, own: string): MountStep {
  if (sight === 'fresh') return ['tmpfs', path];
  if (sight === 'layered') return ['overlay', path, join(own, 'upper'), join(own, 'work')];
  if (sight === 'shown') return ['bind', path, path];
  return ['bind', sight === 'hidden' ? own : '/dev/null', path];
}
