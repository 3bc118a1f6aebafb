import type { QgjobError } from '../../../protocol/errors.ts';
import { submitDefaults } from '../../../protocol/limits.ts';
import { askedKey, findUnoffered, isPool, noSuchPool } from '../fleet/index.ts';
import type { Deps } from '../store/deps.ts';
import type { JobSpec, SubmitInput } from './new-run.ts';

/** What a submit asks for. */
interface Asking {
  readonly input: SubmitInput;
  readonly asks: readonly JobSpec[];
}

/** A submit that may be stored. */
export interface Takeable<T> {
  readonly one: T;
  /** Its targets that no device has ever offered. */
  readonly unoffered: readonly string[];
}

/** Of each submit, in order: that it may be stored, or why not (`no_device`: a pool which no device has ever offered). */
export async function checkTargets<T extends Asking>(
  deps: Deps,
  all: readonly T[],
): Promise<(Takeable<T> | { readonly one: T; readonly refusal: QgjobError })[]> {
  const unoffered = await unofferedOf(deps, all);
  return Promise.all(
    all.map(async (one, index) => {
      const targets = unoffered[index] ?? [];
      const pool = targets.find(isPool);
      return pool === undefined
        ? { one, unoffered: targets }
        : { one, refusal: await noSuchPool(deps, { orgId: one.input.orgId, target: pool }) };
    }),
  );
}

/** Of each submit the targets that no device has ever offered; none where it says that it does not mind. */
export async function unofferedOf(deps: Deps, all: readonly Asking[]): Promise<string[][]> {
  const asked = all.map(({ input, asks }) => {
    const targets = input.body.allow_no_device ? [] : [...new Set(asks.map(({ target }) => target))];
    return targets.map((target) => ({ orgId: input.orgId, target }));
  });
  if (asked.every((one) => one.length === 0)) return asked.map(() => []);
  const missing = await findUnoffered(deps, asked.flat());
  return asked.map((one) =>
    one.filter((target) => missing.has(askedKey(target))).map(({ target }) => target),
  );
}

/** What the submitter should know of a run that was taken all the same. */
export const warningsOf = ({ input: { body } }: Asking, unoffered: readonly string[]): string[] =>
  unoffered.map((target) =>
    body.queue_timeout_ms === undefined
      ? `no device has offered ${target} yet: its jobs end as no_device after ${submitDefaults.unofferedTimeoutMs / 60_000} minutes, unless one does`
      : `no device has offered ${target} yet: its jobs wait for one until their queue timeout`,
  );
