import type { Github } from '../../../protocol/shapes/origin.ts';

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
export function newestOfEach<T extends { readonly github: Github }>(runs: readonly T[]): Leg<T>[] {
  const places = Map.groupBy(runs, ({ github: { job, leg, leg_name, step } }) =>
    JSON.stringify([job, leg, leg_name, step]),
  );
  return [...places.values()].flatMap((place) => {
    const calls = Map.groupBy(place, ({ github }) => github.check_run_name);
    const isCalled = calls.size > 1;
    return [...calls].flatMap(([name, attempts]) => {
      const newest = Math.max(...attempts.map(({ github }) => github.run_attempt));
      const last = attempts.filter(({ github }) => github.run_attempt === newest);
      return last.map((of, index) => ({ of, call: callOf(isCalled ? name : undefined, of.github, index) }));
    });
  });
}

function callOf(name: string | undefined, { job }: Github, index: number): string | undefined {
  return index === 0 ? name : `${name ?? job}, ${index + 1}`;
}
