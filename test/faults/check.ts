import { checkJobs } from './check-jobs.ts';
import { checkJournal } from './check-journal.ts';
import { checkSubmits } from './check-submits.ts';
import type { Evidence } from './evidence.ts';

/** Every promise that the evidence does not bear out, one line each. */
export function check(evidence: Evidence): string[] {
  return [
    ...evidence.problems,
    ...checkSubmits(evidence),
    ...checkJobs(evidence),
    ...checkJournal(evidence),
    ...evidence.brokenRules.map((sentence) => `broken in the database: ${sentence}`),
    ...evidence.leftovers.map(({ pid, command }) => `a child of a test is still alive: ${pid} ${command}`),
    ...evidence.devices
      .filter((device) => device.lease_id !== null)
      .map((device) => `device ${device.name} of ${device.agent_id} is still leased`),
  ];
}
