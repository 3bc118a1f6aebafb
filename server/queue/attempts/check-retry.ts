import type { Report, TestCase } from '../../../protocol/shapes/job.ts';
import { plural } from '../../../protocol/words.ts';
import type { Checked } from './check-report.ts';
import type { EarlierResult } from './earlier-results.ts';
import { mergeSelection, mergeWhole, type Tested } from './merge-tests.ts';

/** A verdict beside the failed attempts before it. */
export interface Judged extends Checked {
  /** The tests of all attempts that had a verdict; undefined where they are those of this attempt alone. */
  readonly merged?: Tested | undefined;
}

/**
 * Looks at a verdict as one of several attempts: merges its tests with those of the failed attempts before it. A pass
 * of a selection of tests is a pass of the file only if nothing has asked for less than had failed, and nothing that
 * had failed is left: else it is a `report_error`. What a next attempt has to run counts only for a failure, and not if
 * the selection of this attempt was its own idea.
 */
export function checkRetry(report: Checked, earlier: EarlierResult | undefined): Judged {
  const { only, ...rest } = report;
  const isChosen = report.retried_tests !== undefined;
  const isAsked = isChosen && report.retried_tests !== 0 && !!earlier?.only;
  if (report.verdict === 'failed') {
    const isExact = only !== undefined && only.length > 0 && (!isChosen || isAsked);
    return { ...rest, ...(isExact && { only }), merged: mergeWith(report, earlier) };
  }
  if (report.verdict !== 'passed') return rest;
  const merged = mergeWith(report, earlier);
  const wrong = isChosen ? wrongWithSelection(report, earlier, merged) : undefined;
  if (wrong === undefined) return { ...rest, merged };
  return { ...rest, verdict: 'error', error_class: 'report_error', error: wrong };
}

function mergeWith(report: Checked, earlier: EarlierResult | undefined): Tested | undefined {
  const before = testedIn(earlier);
  if (before === undefined) return undefined;
  const now = report.report && { tests: report.tests ?? [], report: report.report };
  if (report.retried_tests !== undefined) {
    return now ? mergeSelection(before, now, idsIn(earlier)) : asPartial(before);
  }
  const merged = now && mergeWhole(before, now);
  return merged === now ? undefined : merged;
}

/** An attempt without a report may have failed by something that none of these tests shows. */
const asPartial = ({ tests, report: { complete: _complete, ...report } }: Tested): Tested => ({
  tests,
  report,
});

function testedIn(earlier: EarlierResult | undefined): Tested | undefined {
  if (!earlier?.report) return undefined;
  const tests: TestCase[] = JSON.parse(earlier.tests ?? '[]');
  const report: Report = JSON.parse(earlier.report);
  return { tests, report };
}

const idsIn = (earlier: EarlierResult | undefined): string[] => JSON.parse(earlier?.only ?? '[]');

/** Why the pass of a selection does not make the file green; undefined: it does. */
function wrongWithSelection(
  { report, retried_tests: count }: Checked,
  earlier: EarlierResult | undefined,
  merged: Tested | undefined,
): string | undefined {
  if (count === 0) return 'no test ran again: the selection of this attempt was empty';
  if (!earlier?.only) {
    return `it ran a selection of ${words(count ?? 0)}, but no failed attempt before it said which tests to run again`;
  }
  if (report === undefined) return 'no report of the tests that ran again';
  if (merged === undefined)
    return 'the failed attempt before it has no report that this selection could complete';
  const { failed } = merged.report;
  if (failed === 0) return undefined;
  const first = merged.tests.find(({ status }) => status === 'failed')?.name;
  const which =
    first === undefined ? '' : `, ${failed > 1 ? 'the first of them ' : ''}"${first.slice(0, 200)}"`;
  return `it ran a selection of ${words(count ?? 0)}, and ${words(failed)} that failed before did not run again${which}`;
}

const words = (count: number): string => plural(count, 'test');
