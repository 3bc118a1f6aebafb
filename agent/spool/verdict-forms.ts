import { isDeepStrictEqual } from 'node:util';
import { cutText } from '../../protocol/clean-text.ts';
import { countTests } from '../../protocol/count-tests.ts';
import type { FinishJob } from '../../protocol/shapes/agent.ts';
import type { TestCase } from '../../protocol/shapes/job.ts';
import { choosePlaces } from '../reports/choose-listed.ts';

/** Fits in 1 MiB, the smallest known limit of a proxy, whatever the characters. Lengths in UTF-16 units. */
const shorter = { tests: 200, name: 200, file: 200, message: 300, error: 1000, ids: 2000 };
const fewest = 100;
/** An id that is no text: a hash, a number. */
const plainId = /^[\w-]{1,64}$/;

const lostTexts = 'the texts of this report did not get through to the server; its log may have more';

/**
 * A verdict as it is, with fewer and shorter texts, and without any text of the test. All forms say the same: the
 * verdict, its class, how many tests there were and how they ended, so that the server decides the same. Where the
 * list of failed tests for a next attempt is too long, that attempt runs the whole file.
 */
export function verdictForms(finish: FinishJob): FinishJob[] {
  const forms = [finish, shorten(finish), withoutTexts(finish)];
  return forms.filter((form, index) => index === 0 || !isDeepStrictEqual(form, forms[index - 1]));
}

function shorten(finish: FinishJob): FinishJob {
  const { only, ...rest } = finish;
  const { error, tests } = rest;
  return {
    ...rest,
    ...(only && only.length <= shorter.ids && { only }),
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
  const { attempt, verdict, error_class, duration_ms, installs, serves, retried_tests, tests } = finish;
  const isGreen = verdict === 'passed';
  return {
    attempt,
    verdict,
    ...(error_class !== undefined && { error_class }),
    ...(finish.error !== undefined && !isGreen && { error: lostTexts }),
    duration_ms,
    ...(installs !== undefined && { installs }),
    ...(serves !== undefined && { serves }),
    ...(retried_tests !== undefined && { retried_tests }),
    ...(tests && listed(finish, pick(tests, fewest).map(nameless))),
  };
}

/** Named by its place in the report. */
const nameless = ({ test, index }: Picked): TestCase => ({
  ...(test.id !== undefined && plainId.test(test.id) && { id: test.id }),
  name: `test ${index + 1}`,
  status: test.status,
  duration_ms: test.duration_ms,
});

interface Picked {
  readonly test: TestCase;
  readonly index: number;
}

/** All tests in their order; where they are too many, those that the verdict rests on, failures first. */
function pick(tests: readonly TestCase[], most: number): Picked[] {
  const places = tests.length <= most ? [...tests.keys()] : choosePlaces(tests, most);
  return places.map((index) => ({ test: tests[index] as TestCase, index }));
}

/**
 * Some of the tests, and the totals of the report, which also count those that are left out. Never `complete`: two tests
 * may have one name now, so none may be taken for one that failed elsewhere.
 */
function listed({ tests = [], report }: FinishJob, some: TestCase[]): Pick<FinishJob, 'tests' | 'report'> {
  if (!report && some.length === tests.length) return { tests: some };
  const listed = some.length;
  if (!report) return { tests: some, report: { total: tests.length, ...countTests(tests), listed } };
  const { complete: _complete, ...counted } = report;
  return { tests: some, report: { ...counted, listed } };
}
