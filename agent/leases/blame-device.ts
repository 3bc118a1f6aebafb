import type { LeasedJob } from '../../protocol/shapes/agent.ts';
import type { DeviceBlame } from '../devices/device.ts';
import { lookHard } from '../loops/watch-devices.ts';
import { type AttemptResult, errored } from '../reports/attempt-result.ts';
import type { LeaseWork } from './lease-work.ts';

/**
 * What did not pass on a device that was gone meanwhile says nothing of the test: it is tried again, elsewhere where
 * that is possible. `startedAt` by the agent's clock. A pass stands. One whose provider was full waits at no cost, but not
 * again and again.
 */
export async function blameDevice(
  { agent, slot }: Pick<LeaseWork, 'agent' | 'slot'>,
  { job_id }: Pick<LeasedJob, 'job_id'>,
  result: AttemptResult,
  startedAt: number,
): Promise<AttemptResult> {
  const blamed = await blame(slot, agent, result, startedAt);
  // A queue that is full empties by itself.
  const isFull = blamed?.mayBeForEver === true;
  if (!isFull) agent.full.forget(job_id);
  if (blamed === undefined) return result;
  const isForEver = isFull && !agent.full.mayWait(job_id);
  const { class: errorClass, why } = isForEver
    ? {
        class: 'infra_error' as const,
        why: `${blamed.why}, at each of its last attempts here: does the plan have any?`,
      }
    : blamed;
  const said = result.error ? `; ${result.error}` : '';
  return errored(errorClass, `${slot.device.offer.name}: ${why}${said}`, result.tests);
}

/** Undefined: the result stands. */
async function blame(
  slot: LeaseWork['slot'],
  agent: LeaseWork['agent'],
  result: AttemptResult,
  startedAt: number,
): Promise<DeviceBlame | undefined> {
  if (result.verdict === 'passed' || result.verdict === 'cancelled') return undefined;
  const { device, health } = slot;
  const said = isOfTest(result) ? await device.blame?.(result) : undefined;
  // The device may have gone since the last look.
  if (device.examine && health.brokenSince(startedAt) === undefined) await lookHard(agent, slot);
  const why = health.brokenSince(startedAt);
  return said ?? (why === undefined ? undefined : { class: 'infra_error', why });
}

/** What the agent itself has stopped or refused says nothing of the device. */
const isOfTest = ({ verdict, error_class }: AttemptResult): boolean =>
  verdict === 'failed' || ['infra_error', 'report_error', 'timeout'].includes(error_class ?? '');
