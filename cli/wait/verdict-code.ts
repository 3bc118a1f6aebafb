import { exitCodes } from '../../protocol/exit-codes.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import { isFinal } from '../../protocol/states.ts';

/** The exit code of a run or job that is final: success for nothing but a pass. Undefined while it is not final. */
export function verdictCode(of: Run | Job): number | undefined {
  if (!isFinal(of.status)) return undefined;
  const isGood = 'conclusion' in of ? of.conclusion === 'success' : of.status === 'passed';
  return isGood ? exitCodes.success : exitCodes.failed;
}

/** Of several: a failure is worse than a wait that timed out. */
export const worstCode = (codes: readonly number[]): number =>
  codes.includes(exitCodes.failed) ? exitCodes.failed : Math.max(exitCodes.success, ...codes);
