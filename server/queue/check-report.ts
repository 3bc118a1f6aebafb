import type { FinishJob } from '../../protocol/shapes/agent.ts';

/**
 * The server's own look at a verdict: an exit code, or an agent's word, is never enough to be green. A pass without an
 * executed test is infrastructure; a pass whose report holds a failed test is a failure.
 */
export function checkReport(report: FinishJob, framework: string): FinishJob {
  if (report.verdict === 'failed') return { ...report, error: report.error ?? failureOf(report) };
  if (report.verdict !== 'passed') return report;
  const { tests } = report;
  if (tests === undefined) {
    // Only an own command may have no report; the default framework of an agent is not known here.
    return framework === 'command' || framework === ''
      ? report
      : asInfrastructure(report, 'no report of the tests');
  }
  const failure = failureOf(report);
  if (failure !== undefined) return { ...report, verdict: 'failed', error: failure };
  if (tests.length === 0) return asInfrastructure(report, 'no test ran');
  if (tests.every((test) => test.status === 'skipped')) {
    return asInfrastructure(report, `no test ran: all ${tests.length} were skipped`);
  }
  return report;
}

const asInfrastructure = (report: FinishJob, error: string): FinishJob => ({
  ...report,
  verdict: 'error',
  error_class: 'infra_error',
  error,
});

function failureOf({ tests }: FinishJob): string | undefined {
  const failed = tests?.find((test) => test.status === 'failed');
  return failed && (failed.message ?? `${failed.name} failed`);
}
