import type { Github } from '../protocol/shapes/origin.ts';

type Origin = Pick<Github, 'job' | 'leg' | 'leg_name' | 'step' | 'check_run_name' | 'run_attempt'>;

/** A run of a workflow, as reports tell it from others. */
export interface OfWorkflow {
  readonly github: Origin;
  readonly run: { readonly status: string };
}

/** A leg of a job, as a comment shows it. */
export interface Leg<T> {
  readonly of: T;
  /** The name of its check run where job, leg and step do not tell it from another one. */
  readonly call: string | undefined;
}

/**
 * Of each job, leg and step the newest attempt. Calls of a reusable workflow look alike in all of that: the name of the job's
 * check run tells them apart, and where nobody could read it, all of them are kept, so that a pass hides no failure.
 */
export function newestOfEach<T extends OfWorkflow>(runs: readonly T[]): Leg<T>[] {
  const places = Map.groupBy(runs, ({ github: { job, leg, leg_name, step } }) =>
    JSON.stringify([job, leg, leg_name, step]),
  );
  return [...places.values()].flatMap((place) =>
    isOneCall(place) ? [newestOf(place)] : newestOfCalls(place),
  );
}

/** No attempt has two of them, and all that have a name have the same one. */
function isOneCall(place: readonly OfWorkflow[]): boolean {
  const names = new Set(
    place.map(({ github }) => github.check_run_name).filter((name) => name !== undefined),
  );
  const attempts = new Set(place.map(({ github }) => github.run_attempt));
  return names.size <= 1 && attempts.size === place.length;
}

function newestOf<T extends OfWorkflow>(place: readonly T[]): Leg<T> {
  const [first, ...more] = place;
  if (first === undefined) throw new Error('a group has a run');
  const of = more.reduce((a, b) => (b.github.run_attempt > a.github.run_attempt ? b : a), first);
  return { of, call: undefined };
}

function newestOfCalls<T extends OfWorkflow>(place: readonly T[]): Leg<T>[] {
  const calls = Map.groupBy(place, ({ github }) => github.check_run_name);
  return [...calls].flatMap(([name, attempts]) => {
    const newest = Math.max(...attempts.map(({ github }) => github.run_attempt));
    // Without names nobody knows which of them a newer one repeats: one that did not pass stays.
    const last = attempts.filter(
      ({ github, run }) => github.run_attempt === newest || (name === undefined && run.status !== 'passed'),
    );
    const given = calls.size > 1 ? name : undefined;
    return last.map((of, index) => ({ of, call: callOf(given, of.github, index) }));
  });
}

function callOf(name: string | undefined, { job }: Origin, index: number): string | undefined {
  return index === 0 ? name : `${name ?? job}, ${index + 1}`;
}
