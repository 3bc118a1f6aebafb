import type { TestCase } from '../../../protocol/shapes/job.ts';
import { fileInRoot } from '../../reports/seen-case.ts';
import type { ToldTest } from './told-shape.ts';

/** How a test went; `unclear`: something that is not known was said, or a contradiction. */
type Said = TestCase['status'] | 'unclear';

const ran = ['passed', 'failed', 'timedOut'];
const known = [...ran, 'skipped', 'interrupted'];

export const wasExecuted = (test: ToldTest): boolean =>
  test.results.some(({ status }) => ran.includes(status));

export const wasInterrupted = (test: ToldTest): boolean =>
  test.results.some(({ status }) => status === 'interrupted');

/** Meant to run, but not run: something before it failed. */
export const wasLeftOut = (test: ToldTest): boolean =>
  test.status === 'skipped' && test.expectedStatus !== 'skipped' && !wasExecuted(test);

/** A test as it is reported, and why it is not understood, if so. File names are given relative to `root`. */
export function readTest(
  test: ToldTest,
  root: string,
): { readonly result: TestCase; readonly problem?: string } {
  const said = statusOf(test);
  const isUnclear = said === 'unclear';
  // Always with the project's name, if it has one: a run of one project must give its tests the same names.
  const name = `${test.projectName && `[${test.projectName}] `}${test.titles.filter(Boolean).join(' › ')}`;
  const file = fileInRoot(test.file, root);
  const message = isUnclear ? `not understood: ${wordsOf(test)}` : messageOf(test, said);
  const spent = test.results.reduce((sum, result) => sum + Math.max(0, result.duration), 0);
  return {
    result: {
      id: test.id,
      name,
      ...(file && { file }),
      ...(test.line !== undefined && { line: test.line }),
      // A test that is not understood did not pass, and the whole report is then not trusted.
      status: isUnclear ? 'skipped' : said,
      duration_ms: Number.isFinite(spent) ? Math.round(spent) : 0,
      ...(message && { message }),
    },
    ...(isUnclear && { problem: `the test ${name.slice(0, 200)} is not understood: ${wordsOf(test)}` }),
  };
}

/** What Playwright says of a test must agree with what it says of its runs; if not, the worse of the two counts. */
function statusOf({ status, expectedStatus, results }: ToldTest): Said {
  const last = results.at(-1)?.status ?? '';
  const hasFailed = results.some((result) => result.status === 'failed' || result.status === 'timedOut');
  if (status === 'unexpected') return 'failed';
  if (status === 'skipped') return hasFailed ? 'unclear' : 'skipped';
  if (last !== (expectedStatus || 'passed') || results.some((result) => !known.includes(result.status)))
    return 'unclear';
  if (status === 'flaky') return 'flaky';
  // Only a test that is meant to fail may fail and still be `expected`.
  return status === 'expected' ? 'passed' : 'unclear';
}

function wordsOf({ status, results }: ToldTest): string {
  const runs = results.map((result) => result.status || 'without a status');
  return `status ${status || 'missing'}, runs: ${runs.slice(0, 10).join(', ') || 'none'}`;
}

function messageOf({ expectedStatus, results }: ToldTest, said: Said): string {
  if (said === 'passed' || said === 'skipped') return '';
  const written = results.flatMap((result) => result.errors.map((error) => error.message ?? ''));
  const message = written.filter((text) => text !== '').join('\n\n');
  if (message !== '') return message;
  const last = results.at(-1)?.status ?? '';
  if (expectedStatus === 'failed' && last === 'passed') return 'expected to fail, but passed';
  return `it ended as ${last || 'nothing'}${expectedStatus && `, expected was ${expectedStatus}`}`;
}
