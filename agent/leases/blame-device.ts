import { lookHard } from '../loops/watch-devices.ts';
import { type AttemptResult, errored } from '../reports/attempt-result.ts';
import type { LeaseWork } from './lease-work.ts';

/**
 * What did not pass on a device that was gone meanwhile says nothing of the test: it is tried again, elsewhere where
 * that is possible. `startedAt` by the agent's clock. A pass stands.
 */
export async function blameDevice(
  { agent, slot }: Pick<LeaseWork, 'agent' | 'slot'>,
  result: AttemptResult,
  startedAt: number,
): Promise<AttemptResult> {
  if (result.verdict === 'passed' || result.verdict === 'cancelled' || !slot.device.examine) return result;
  // The device may have gone since the last look.
  if (slot.health.brokenSince(startedAt) === undefined) await lookHard(agent, slot);
  const why = slot.health.brokenSince(startedAt);
  if (why === undefined) return result;
  const said = result.error ? `; ${result.error}` : '';
  return errored('infra_error', `${slot.device.offer.name}: ${why}${said}`, result.tests);
}
