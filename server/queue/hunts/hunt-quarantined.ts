import { QgjobError } from '../../../protocol/errors.ts';
import type { Deps } from '../store/deps.ts';
import { submitRun } from '../submit/index.ts';
import { claimHunt } from './claim-hunt.ts';
import { findSource, type HuntSource } from './find-source.ts';
import type { QuarantinedTest } from './quarantined-test.ts';

/** How often a quarantined test is executed, and how long its hunt waits for idle devices. */
export const timesByItself = 20;
const waitMs = 6 * 3_600_000;

/**
 * Begins the next hunt of a quarantined test; true: there may be more to begin. Where nothing is known that can be run, or the
 * submit is refused (its bundle is gone), the test is not tried again before the pause is over, and neither where something else
 * is wrong with it, which `onError` gets: no test holds up the others. Errors: `unavailable`, after which it is.
 */
export async function huntQuarantined(
  deps: Deps,
  pauseMs: number,
  onError: (error: unknown) => void,
): Promise<boolean> {
  const claim = await claimHunt(deps, pauseMs);
  if (!claim) return false;
  try {
    const source = await findSource(deps, claim.test);
    if (source) await submitHunt(deps, claim.test, source);
  } catch (error) {
    const code = error instanceof QgjobError ? error.code : 'internal';
    if (code === 'unavailable') {
      await claim.giveBack();
      throw error;
    }
    if (code === 'internal') onError(error);
  }
  return true;
}

/**
 * No branch, pull request or workflow is named, so nothing is compared with it and nobody at GitHub is told. An execution that ended
 * without a verdict is not run again: the test may be the reason, and only those that survive would be seen.
 */
const submitHunt = (deps: Deps, test: QuarantinedTest, source: HuntSource) =>
  submitRun(deps, {
    orgId: test.orgId,
    huntOf: { quarantineId: test.quarantineId, repositoryId: test.repositoryId },
    body: {
      ...source,
      ...{ target: test.target, tests: [test.testPath], max_retries: 0 },
      ...{ hunt_times: timesByItself, queue_timeout_ms: waitMs },
    },
  });
