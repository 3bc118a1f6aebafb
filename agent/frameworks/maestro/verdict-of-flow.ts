import type { ChildEnd } from '../../children/run-child.ts';
import { type AttemptResult, errored, failedTests, verdictOfTests } from '../../reports/attempt-result.ts';
import type { JunitReport } from '../../reports/read-junit.ts';
import { describeEnd } from '../describe-end.ts';

/** What Maestro says of a flow that it cannot read; it has not touched the device then. */
const flowWords =
  /syntax error|failed to parse|parsing (?:failed|error)|invalid (?:command|flow|yaml)|unknown (?:command|property)|flow file|config(?:uration)? (?:file|section)|unrecognized field|no flows|could not find .*\.ya?ml/i;

/** What its failures say when the device, or its driver there, is the reason. */
const deviceWords =
  /\bUNAVAILABLE\b|device offline|device '[^']*' not found|is not connected|driver did not start|no devices? (?:found|connected)|closed unexpectedly/i;

/**
 * The verdict of a flow. Every error makes Maestro exit with 1; only a flow that was run leaves a report, so without one the
 * host or the device is to blame, unless Maestro says that it cannot read the flow.
 */
export function verdictOfFlow(end: ChildEnd, junit: JunitReport | undefined, tail: string): AttemptResult {
  const { kind, how } = describeEnd(end, 'Maestro');
  if (end.failure !== undefined) return errored('infra_error', end.failure);
  const because = tail === '' ? how : `${how}:\n${tail}`;
  if (junit === undefined)
    return errored(flowWords.test(tail) ? 'report_error' : 'infra_error', `no flow ran: ${because}`);
  const { tests } = junit;
  const failed = failedTests(tests);
  if (failed.length > 0 && failed.every(({ message = '' }) => deviceWords.test(message)))
    return errored('infra_error', failed[0]?.message ?? because, tests);
  const executed = tests.filter(({ status }) => status !== 'skipped').length;
  return verdictOfTests({
    tests,
    executed,
    problem: junit.problem && `the report of Maestro cannot be believed: ${junit.problem}`,
    exit: kind === 'passed' || kind === 'failed' ? kind : 'broken',
    isPartial: executed < tests.length,
    how,
  });
}
