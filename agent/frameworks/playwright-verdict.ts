import type { ChildEnd } from '../children/run-child.ts';
import {
  type AttemptResult,
  type ExitSays,
  errored,
  failedTests,
  verdictOfTests,
} from '../reports/attempt-result.ts';
import type { JsonFile } from '../reports/read-json.ts';
import { describeEnd } from './describe-end.ts';
import { type AskedFor, type PlaywrightReport, readPlaywrightReport } from './playwright-report.ts';

/** What was run; `tail` are the last lines of the output. */
interface Run extends AskedFor {
  readonly tail: string;
}

/** The verdict of a run that ended by itself: from its report. The exit can only make it worse. */
export function verdictOfPlaywright(end: ChildEnd, found: JsonFile, run: Run): AttemptResult {
  const { kind, how } = describeEnd(end, 'it');
  const quoted = run.tail === '' ? how : `${how}:\n${run.tail}`;
  // When something else ended the run, a bad report is not its fault.
  const blamed = kind === 'broken' ? 'infra_error' : 'report_error';
  if ('missing' in found) return errored(blamed, `Playwright left no report; ${quoted}`);
  if ('broken' in found)
    return errored(blamed, `the report of Playwright cannot be read: ${found.broken}; ${quoted}`);
  const report = readPlaywrightReport(found.json, run);
  if (!report) return errored(blamed, `the report of Playwright is none that is known; ${quoted}`);
  return verdictOfReport(end, report, how, quoted, blamed);
}

function verdictOfReport(
  end: ChildEnd,
  report: PlaywrightReport,
  how: string,
  quoted: string,
  blamed: 'infra_error' | 'report_error',
): AttemptResult {
  const { tests, executed, interrupted } = report;
  const errors = report.errors.join('\n\n');
  const hasFailed = failedTests(tests).length > 0;
  if (tests.length === 0) return errored(blamed, `no test ran: ${errors || report.problem || quoted}`);
  if (interrupted && !hasFailed) return errored('infra_error', `the run was interrupted; ${how}`, tests);
  const exit = exitSays(end, errors);
  if (exit === 'broken' && !hasFailed)
    return errored('infra_error', `the report has no failing test, but ${how}`, tests);
  const problem = report.problem && `the report of Playwright cannot be believed: ${report.problem}`;
  return verdictOfTests({ tests, executed, problem, exit, how: errors || how });
}

function exitSays({ code }: ChildEnd, errors: string): ExitSays {
  if (errors !== '') return 'failed';
  if (code === 0) return 'passed';
  return code === 1 ? 'failed' : 'broken';
}
