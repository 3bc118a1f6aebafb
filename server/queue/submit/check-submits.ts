import type { QgjobError } from '../../../protocol/errors.ts';
import type { Deps } from '../store/deps.ts';
import { checkBundles } from './bundles.ts';
import { checkQueues } from './check-queues.ts';
import { checkTargets } from './check-targets.ts';
import { checkTrust } from './check-trust.ts';
import type { CheckedSubmit, Submit } from './new-run.ts';

export type Checks = ReadonlyMap<Submit, CheckedSubmit | QgjobError>;

/**
 * Which submits may not be stored, and why: a target that strangers' code may not run on, a disk without room, a bundle that is
 * not there, more jobs than their org may have, a pool that no device has. A repeat of a submit that was stored needs none of it.
 */
export async function checkSubmits(deps: Deps, submits: readonly Submit[]): Promise<Checks> {
  const [untrusted, noRoom, bad, full, targets] = await Promise.all([
    checkTrust(deps, submits),
    deps.checkRoom?.(),
    checkBundles(deps, submits),
    checkQueues(deps, submits),
    checkTargets(deps, submits),
  ]);
  return new Map(
    targets.map((one, index) => [
      submits[index] as Submit,
      untrusted[index] ?? noRoom ?? bad[index] ?? full[index] ?? one,
    ]),
  );
}
