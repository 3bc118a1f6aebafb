import { isDeepStrictEqual } from 'node:util';
import { cutText } from '../../protocol/clean-text.ts';
import type { FinishJob } from '../../protocol/shapes/agent.ts';
import type { Report, TestCase } from '../../protocol/shapes/job.ts';

/** Under 1 MiB, the smallest limit that proxies are known for, whatever characters it is. */
const shorter = { tests: 200, name: 200, file: 200, message: 300, error: 1000 };
const fewest = 100;

const lostTexts = 'the texts of this report did not get through to the server; its log may have more';

/**
 * A verdict as it is, with fewer and shorter texts, and without any that come from the test. What it says is the same in
 * each: the verdict, its class, how many tests there were and how they ended, so that the server judges them alike.
 */
export function verdictForms(finish: FinishJob): FinishJob[] {
  const forms = [finish, shorten(finish), withoutTexts(finish)];
  return forms.filter((form, index) => index === 0 || !isDeepStrictEqual(form, forms[index - 1]));
}

function shorten(finish: FinishJob): FinishJob {
  const { error, tests } = finish;
  return {
    ...finish,
    ...(error !== undefined && { error: cutText(error, shorter.error) }),
    ...(tests &&
      listed(
        finish,
        pick(tests, shorter.tests).map(({ test }) => shortTest(test)),
      )),
  };
}

const shortTest = ({ file, message, ...test }: TestCase): TestCase => ({
  ...test,
  name: cutText(test.name, shorter.name),
  ...(file !== undefined && { file: cutText(file, shorter.file) }),
  ...(message !== undefined && { message: cutText(message, shorter.message) }),
});

function withoutTexts(finish: FinishJob): FinishJob {
  const { attempt, verdict, error_class, duration_ms, installs, tests } = finish;
  const isGreen = verdict === 'passed';
  return {
    attempt,
    verdict,
    ...(error_class !== undefined && { error_class }),
    ...(finish.error !== undefined && !isGreen && { error: lostTexts }),
    duration_ms,
    ...(installs !== undefined && { installs }),
    ...(tests && listed(finish, pick(tests, fewest).map(nameless))),
  };
}

/** By its place in the report, where somebody may look it up. */
const nameless = ({ test, index }: Picked): TestCase => ({
  name: `test ${index + 1}`,
  status: test.status,
  duration_ms: test.duration_ms,
});

interface Picked {
  readonly test: TestCase;
  readonly index: number;
}

/** What a verdict rests on comes first. */
const order: readonly TestCase['status'][] = ['failed', 'flaky', 'passed', 'skipped'];

function pick(tests: readonly TestCase[], most: number): Picked[] {
  const all = tests.map((test, index) => ({ test, index }));
  if (all.length <= most) return all;
  return order.flatMap((status) => all.filter(({ test }) => test.status === status)).slice(0, most);
}

/** Some of the tests, and what the report counted: of those that are left out it is all that is told. */
function listed({ tests = [], report }: FinishJob, some: TestCase[]): Pick<FinishJob, 'tests' | 'report'> {
  if (!report && some.length === tests.length) return { tests: some };
  return { tests: some, report: { ...(report ?? countTests(tests)), listed: some.length } };
}

function countTests(tests: readonly TestCase[]): Report {
  const count = (status: TestCase['status']) => tests.filter((test) => test.status === status).length;
  return {
    total: tests.length,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    flaky: count('flaky'),
    listed: tests.length,
  };
}
