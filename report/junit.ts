import type { Job, TestCase } from '../protocol/shapes/job.ts';
import type { Run } from '../protocol/shapes/run.ts';
import { cleanLine, cleanLines } from './clean-lines.ts';
import { quarantineWords, resultOf } from './outcome-words.ts';
import { tallyOf, tallyWords, unlistedFailures } from './tally.ts';

/** A run and its jobs. */
export interface ReportedRun {
  readonly run: Run;
  readonly jobs: readonly Job[];
}

interface Case {
  readonly name: string;
  readonly file: string;
  readonly seconds: string;
  /** Elements inside, as XML. */
  readonly inside: string;
}

/** The run as JUnit: a suite for each job. In that of a job that did not pass, at least one case has not passed. */
export function toJunit({ run, jobs }: ReportedRun): string {
  const suites = jobs.map(suiteOf).join('\n');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${attribute(run.run_id)}">\n${suites}\n</testsuites>\n`;
}

function suiteOf(job: Job): string {
  const name = `${job.test_path} on ${job.target}`;
  const cases = [...(job.tests ?? []).map((test) => caseOf(test, job)), ...ownCase(job)];
  const count = (element: string) => cases.filter(({ inside }) => inside.startsWith(`<${element}`)).length;
  const counts = `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`;
  const rows = cases.map(
    (one) =>
      `    <testcase classname="${attribute(name)}" name="${attribute(one.name)}" file="${attribute(one.file)}" time="${one.seconds}">${one.inside}</testcase>`,
  );
  return [
    `  <testsuite name="${attribute(name)}" ${counts} time="${seconds(job.duration_ms)}">`,
    ...properties(job),
    ...rows,
    ...unlistedNote(job),
    '  </testsuite>',
  ].join('\n');
}

/** All that the job counted. The suite's own counters count the cases in it, as every reader expects. */
function properties(job: Job): string[] {
  const { total, failed, skipped, flaky, listed } = tallyOf(job) ?? {};
  const values = {
    ...{ outcome: job.outcome, total, failed, skipped, flaky, listed },
    retried_tests: job.retried_tests,
    quarantined: quarantineWords(job) || null,
  };
  const rows = Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === null
      ? []
      : [`<property name="qgjob.${name}" value="${attribute(String(value))}"/>`],
  );
  return rows.length === 0 ? [] : [`    <properties>${rows.join('')}</properties>`];
}

function unlistedNote(job: Job): string[] {
  const tally = tallyOf(job);
  if (tally === undefined || tally.unlisted === 0) return [];
  const more = unlistedFailures(job);
  return [`    <system-out>${tallyWords(tally)}${more === undefined ? '' : `; ${more}`}</system-out>`];
}

function caseOf(test: TestCase, job: Job): Case {
  return {
    name: test.name,
    file: test.file ?? job.test_path,
    seconds: seconds(test.duration_ms),
    inside: insideOf(test),
  };
}

/** A flaky test passed in the end. No reader counts `flakyFailure`, an element of Surefire, as a failure. */
function insideOf({ status, message }: TestCase): string {
  if (status === 'failed') return problem('failure', message);
  if (status === 'flaky') return problem('flakyFailure', message);
  return status === 'skipped' ? '<skipped/>' : '';
}

/** The job's own case, where no case of its tests shows its result. */
function ownCase(job: Job): Case[] {
  const own = { name: job.test_path, file: job.test_path, seconds: seconds(job.duration_ms) };
  const tests = job.tests ?? [];
  if (job.status === 'passed') {
    const inside =
      job.outcome === 'flaky' ? problem('flakyFailure', 'passed only after a failed attempt') : '';
    return tests.length === 0 ? [{ ...own, inside }] : [];
  }
  if (job.status !== 'failed') return [{ ...own, inside: problem('error', job.error ?? resultOf(job)) }];
  const isShown = tests.some(({ status }) => status === 'failed');
  return isShown ? [] : [{ ...own, inside: problem('failure', job.error) }];
}

function problem(element: 'failure' | 'error' | 'flakyFailure', text: string | null | undefined): string {
  const message = text || 'no message';
  const type = element === 'flakyFailure' ? ' type="flaky"' : '';
  return `<${element}${type} message="${attribute(message)}">${escapeXml(cleanLines(message).join('\n'))}</${element}>`;
}

const seconds = (ms: number | null): string => ((ms ?? 0) / 1000).toFixed(3);
const attribute = (text: string): string => escapeXml(cleanLine(text, 500));

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** For text without control characters. Also leaves out the two other characters that XML does not allow. */
const escapeXml = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\ufffe\uffff]/g, '')
    .replace(/[&<>"]/g, (char) => entities[char] ?? '');
