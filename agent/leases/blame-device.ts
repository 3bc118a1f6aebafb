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
  if (result.verdict === 'passed' || result.verdict === 'cancelled') return result;
  const { device, health } = slot;
  const blame = isOfTest(result) ? await device.blame?.(result) : undefined;
  // The device may have gone since the last look.
  if (device.examine && health.brokenSince(startedAt) === undefined) await lookHard(agent, slot);
  const broken = health.brokenSince(startedAt);
  const { class: errorClass, why } = blame ?? { class: 'infra_error' as const, why: broken };
  if (why === undefined) return result;
  const said = result.error ? `; ${result.error}` : '';
  return errored(errorClass, `${device.offer.name}: ${why}${said}`, result.tests);
}

/** What the agent itself has stopped or refused says nothing of the device. */
const isOfTest = ({ verdict, error_class }: AttemptResult): boolean =>
  verdict === 'failed' || ['infra_error', 'report_error', 'timeout'].includes(error_class ?? '');
