import type { ChildEnd } from '../children/run-child.ts';
import { type AttemptResult, errored } from '../reports/attempt-result.ts';
import { type ExitSays, judgeTests } from '../reports/judge-tests.ts';
import type { ReportFile } from '../reports/read-report-file.ts';
import { parsePlaywrightReport } from './playwright-report.ts';

export const maxReportBytes = 50 * 1024 * 1024;

/** What was run: paths are absolute, `tail` are the last lines of the output. */
interface Run {
  readonly root: string;
  readonly file: string;
  readonly tail: string;
}

/** The verdict of a run that ended by itself: from its report, which the exit can only make worse. */
export function judgePlaywright(end: ChildEnd, found: ReportFile, run: Run): AttemptResult {
  const how = end.failure ?? describeEnd(end);
  const quoted = run.tail === '' ? how : `${how}:\n${run.tail}`;
  if ('missing' in found) return errored('infra_error', `Playwright left no report; ${quoted}`);
  if ('tooLarge' in found) {
    return errored('infra_error', `the report has ${found.tooLarge} bytes, ${maxReportBytes} are allowed`);
  }
  const report = parsePlaywrightReport(found.text, run.root, run.file);
  if (!report) return errored('infra_error', `the report of Playwright is not whole; ${quoted}`);
  const errors = report.errors.join('\n\n');
  if (report.tests.length === 0) return errored('infra_error', `no test ran: ${errors || quoted}`);
  const failed = report.tests.some((test) => test.status === 'failed');
  if (report.interrupted && !failed)
    return errored('infra_error', `the run was interrupted; ${how}`, report.tests);
  return judgeTests(report.tests, report.executed, exitSays(end, errors), errors || how);
}

function exitSays({ code }: ChildEnd, errors: string): ExitSays {
  if (errors !== '') return 'failed';
  if (code === 0) return 'passed';
  return code === 1 ? 'failed' : 'broken';
}

const describeEnd = ({ code, signal }: ChildEnd): string =>
  code === null ? `it was ended by ${signal}` : `it exited with ${code}`;
