import type { TestCase } from '../../protocol/shapes/job.ts';
import type { Spec, Test } from './playwright-shape.ts';

/** How a test went; `unclear`: the report says something that is not known or contradicts itself. */
type Said = TestCase['status'] | 'unclear';

const ran = ['passed', 'failed', 'timedOut'];

/** What Playwright says of a test must agree with what it says of its runs; the worse of the two is never overlooked. */
export function statusOf({ status, expectedStatus, results }: Test): Said {
  const last = results.at(-1)?.status ?? '';
  const hasFailed = results.some((result) => result.status === 'failed' || result.status === 'timedOut');
  if (status === 'unexpected') return 'failed';
  if (status === 'skipped') return hasFailed ? 'unclear' : 'skipped';
  if (last !== (expectedStatus || 'passed') || results.some((result) => !known.includes(result.status)))
    return 'unclear';
  if (status === 'flaky') return 'flaky';
  // Only a test that is meant to fail may fail and be as expected.
  return status === 'expected' ? 'passed' : 'unclear';
}

const known = [...ran, 'skipped', 'interrupted'];

/** A test as it is told, and whether it is understood. */
export function readTest(
  spec: Spec,
  test: Test,
): { readonly told: Pick<TestCase, 'status' | 'duration_ms' | 'message'>; readonly problem?: string } {
  const said = statusOf(test);
  // Playwright's `ok` is true for what was skipped, and for what passed at last.
  const isContradiction = spec.ok === false && spec.tests.every((one) => statusOf(one) !== 'failed');
  const isUnclear = said === 'unclear' || isContradiction;
  const message = isUnclear ? `not understood: ${wordsOf(test)}` : messageOf(test, said);
  const spent = test.results.reduce((sum, result) => sum + Math.max(0, result.duration), 0);
  return {
    told: {
      // What is not understood did not pass; the report as a whole is then not believed either.
      status: isUnclear ? 'skipped' : said,
      duration_ms: Number.isFinite(spent) ? spent : 0,
      ...(message && { message }),
    },
    ...(isUnclear && { problem: `the test ${spec.title.slice(0, 200)} is not understood: ${wordsOf(test)}` }),
  };
}

function wordsOf({ status, results }: Test): string {
  const runs = results.map((result) => result.status || 'without a status');
  return `status ${status || 'missing'}, runs: ${runs.slice(0, 10).join(', ') || 'none'}`;
}

function messageOf({ expectedStatus, results }: Test, said: Said): string {
  if (said === 'passed' || said === 'skipped') return '';
  const written = results.flatMap((result) => result.errors.map((error) => error.message ?? ''));
  const message = written.filter((text) => text !== '').join('\n\n');
  if (message !== '') return message;
  const last = results.at(-1)?.status ?? '';
  if (expectedStatus === 'failed' && last === 'passed') return 'expected to fail, but passed';
  return `it ended as ${last || 'nothing'}${expectedStatus && `, expected was ${expectedStatus}`}`;
}
