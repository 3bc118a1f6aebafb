import type { Job, TestCase } from '../../protocol/shapes/job.ts';
import { type RunRecord, resultOf } from '../follow/run-record.ts';
import { cleanLine, cleanLines } from '../log/clean.ts';

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
    ...rows,
    '  </testsuite>',
  ].join('\n');
}

function caseOf(test: TestCase, job: Job): Case {
  const inside = test.status === 'failed' ? problem('failure', test.message) : '';
  return {
    name: test.name,
    file: test.file ?? job.test_path,
    seconds: seconds(test.duration_ms),
    inside: test.status === 'skipped' ? '<skipped/>' : inside,
  };
}

/** The job's own case, where its tests do not tell its result. */
function ownCase(job: Job): Case[] {
  const own = { name: job.test_path, file: job.test_path, seconds: seconds(job.duration_ms) };
  const tests = job.tests ?? [];
  if (job.status === 'passed') return tests.length === 0 ? [{ ...own, inside: '' }] : [];
  if (job.status !== 'failed') return [{ ...own, inside: problem('error', job.error ?? resultOf(job)) }];
  const isTold = tests.some(({ status }) => status === 'failed');
  return isTold ? [] : [{ ...own, inside: problem('failure', job.error) }];
}

function problem(element: 'failure' | 'error', text: string | null | undefined): string {
  const told = text || 'no message';
  return `<${element} message="${attribute(told)}">${escapeXml(cleanLines(told).join('\n'))}</${element}>`;
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
