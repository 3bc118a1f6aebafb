import { lifeSeconds } from './options.ts';
import type { Soak } from './soak-lab.ts';

/** So much of what is submitted must end in each life: little, since a machine may be slow. */
const leastOfPace = 0.2;
const leastPassed = 0.8;
const mostRefused = 0.02;

/** A life in which hardly anything ends says nothing about the server. Before all agents are there, nothing is asked of it. */
export function demandWork({ options, ledger }: Soak, life: number, ended: number): void {
  // The lives of a soak of a number of jobs end when so many have ended.
  if (options.jobs !== undefined) return;
  const seconds = Math.max(0, lifeSeconds(options, life) - options.leaseTtlMs / 1000);
  const least = Math.floor(leastOfPace * options.jobsPerSecond * seconds);
  if (ended < least) ledger.problem(`only ${ended} jobs ended in life ${life + 1}; at least ${least} must`);
}

/** What of all the work did not succeed, though most of it must. */
export function demandSuccess({ ledger }: Soak): string[] {
  const [ended, passed] = [ledger.jobsEnded(), ledger.jobsPassed()];
  const { calls, refusals } = ledger;
  return [
    ...(passed < leastPassed * ended || ended === 0
      ? [`only ${passed} of ${ended} jobs passed; ${leastPassed * 100} % must`]
      : []),
    ...(refusals > mostRefused * calls
      ? [`${refusals} of ${calls} calls were refused; faults explain ${mostRefused * 100} %`]
      : []),
  ];
}
