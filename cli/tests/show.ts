import type { TestDetails } from '../../protocol/shapes/test.ts';
import { connect } from '../connect.ts';
import { atSecond } from '../output/job-table.ts';
import { print, printJson } from '../output/print.ts';
import { formatTable } from '../output/table.ts';
import { describeQuarantine } from '../quarantine/describe-quarantine.ts';
import { findTestId } from './find-test.ts';
import type { WhichTest } from './test-flags.ts';
import { flakyWords, nameOf, timeOf } from './test-table.ts';

export interface ShowFlags extends WhichTest {
  readonly json?: true;
}

const shownFailures = 10;

/** Prints one test with its days and its last failures. Errors: as `findTestId`. */
export async function showTest(named: string, flags: ShowFlags): Promise<void> {
  const client = connect(flags);
  const id = await findTestId(client, named, flags);
  const test = await client.call('getTest', { params: { id } });
  if (flags.json) return printJson(test);
  for (const line of describeTest(test, process.stdout.columns)) print(line);
}

function describeTest(test: TestDetails, width: number | undefined): string[] {
  const { passed, flaky, failed } = test.jobs;
  return [
    nameOf(test),
    `  id          ${test.test_id}`,
    `  target      ${test.target}`,
    `  flaky       ${flakyWords(test)}`,
    `  jobs        ${passed} passed, ${flaky} flaky, ${failed} failed in 30 days`,
    `  time        p50 ${timeOf(test.p50_ms)}, p95 ${timeOf(test.p95_ms)}`,
    `  first run   ${atSecond(test.first_run_at)}`,
    `  last run    ${atSecond(test.last_run_at)}`,
    `  last failed ${test.last_failed_at === null ? 'never' : atSecond(test.last_failed_at)}`,
    ...(test.quarantine === null ? [] : ['', ...describeQuarantine(test.quarantine)]),
    ...dayLines(test, width),
    ...failureLines(test, width),
  ];
}

const dayLines = ({ days }: TestDetails, width: number | undefined): string[] =>
  days.length === 0
    ? []
    : [
        '',
        ...formatTable(
          [
            ['DAY', 'PASSED', 'FLAKY', 'FAILED'],
            ...days.map((one) => [one.day, ...[one.passed, one.flaky, one.failed].map(String)]),
          ],
          { width },
        ),
      ];

function failureLines({ failures }: TestDetails, width: number | undefined): string[] {
  const [newest] = failures;
  if (newest === undefined) return [];
  const shown = failures.slice(0, shownFailures);
  const rows = shown.map((one) => [atSecond(one.at), one.job_id, one.flaky ? 'flaky' : 'failed']);
  const more =
    failures.length > shown.length ? [`and ${failures.length - shown.length} before, see --json`] : [];
  return [
    '',
    ...formatTable([['FAILED AT', 'JOB', 'AS'], ...rows], { width }),
    ...more,
    '',
    `qgjob logs ${newest.job_id}`,
  ];
}
