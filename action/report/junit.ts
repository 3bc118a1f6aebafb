import { resultOf } from '../../client/outcome-words.ts';
import { tallyOf, tallyWords, unlistedFailures } from '../../client/tally.ts';
import type { Job, TestCase } from '../../protocol/shapes/job.ts';
import type { RunRecord } from '../follow/run-record.ts';
import { cleanLine, cleanLines } from '../log/clean-lines.ts';

interface Case {
  readonly name: string;
  readonly file: string;
  readonly seconds: string;
  /** Elements inside, as XML. */
  readonly inside: string;
}

/** The run as JUnit: a suite for each job. A job that has not passed has a case that says so, whatever its tests say. */
export function toJunit({ run, jobs }: RunRecord): string {
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

/** What the job counted. The suite's own counters are of the cases that stand in it, as every reader expects. */
function properties(job: Job): string[] {
  const { total, failed, skipped, flaky, listed } = tallyOf(job) ?? {};
  const told = { outcome: job.outcome, total, failed, skipped, flaky, listed };
  const rows = Object.entries(told).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [`<property name="qgjob.${name}" value="${value}"/>`],
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

/** A flaky test passed in the end: Surefire's element for that is no failure to any reader. */
function insideOf({ status, message }: TestCase): string {
  if (status === 'failed') return problem('failure', message);
  if (status === 'flaky') return problem('flakyFailure', message);
  return status === 'skipped' ? '<skipped/>' : '';
}

/** The job's own case, where its tests do not tell its result. */
function ownCase(job: Job): Case[] {
  const own = { name: job.test_path, file: job.test_path, seconds: seconds(job.duration_ms) };
  const tests = job.tests ?? [];
  if (job.status === 'passed') {
    const inside =
      job.outcome === 'flaky' ? problem('flakyFailure', 'passed only after a failed attempt') : '';
    return tests.length === 0 ? [{ ...own, inside }] : [];
  }
  if (job.status !== 'failed') return [{ ...own, inside: problem('error', job.error ?? resultOf(job)) }];
  const isTold = tests.some(({ status }) => status === 'failed');
  return isTold ? [] : [{ ...own, inside: problem('failure', job.error) }];
}

function problem(element: 'failure' | 'error' | 'flakyFailure', text: string | null | undefined): string {
  const told = text || 'no message';
  const type = element === 'flakyFailure' ? ' type="flaky"' : '';
  return `<${element}${type} message="${attribute(told)}">${escapeXml(cleanLines(told).join('\n'))}</${element}>`;
}

const seconds = (ms: number | null): string => ((ms ?? 0) / 1000).toFixed(3);
const attribute = (text: string): string => escapeXml(cleanLine(text, 500));

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Control characters are gone by then; what is left out here XML does not allow either. */
const escapeXml = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\ufffe\uffff]/g, '')
    .replace(/[&<>"]/g, (char) => entities[char] ?? '');
