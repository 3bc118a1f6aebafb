import type { Job } from '../../protocol/shapes/job.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import { isFinal } from '../../protocol/states.ts';

export const exitCodes = { passed: 0, notPassed: 1, timedOut: 5, notFinal: 8, interrupted: 130 } as const;

/** Of a run or job that is final: 0 for nothing but success. Of any other: undefined. */
export function verdictCode(of: Run | Job): 0 | 1 | undefined {
  if (!isFinal(of.status)) return undefined;
  const isGood = 'conclusion' in of ? of.conclusion === 'success' : of.status === 'passed';
  return isGood ? exitCodes.passed : exitCodes.notPassed;
}

/** Of several: a failure is worse than a wait that timed out. */
export function worstCode(codes: readonly number[]): number {
  if (codes.includes(exitCodes.notPassed)) return exitCodes.notPassed;
  return Math.max(0, ...codes);
}
