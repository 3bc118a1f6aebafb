import type { TestCase } from '../../protocol/shapes/job.ts';
import type { AttemptResult } from './attempt-result.ts';
import { cleanText } from './clean-text.ts';

/** What the wire's shapes allow, and stays under the limit of a JSON body with room for the rest. */
const most = { tests: 5000, file: 1000, error: 20_000, bytes: 3 * 1024 * 1024 };

/** Texts get shorter and shorter, until a report fits. */
const steps = [
  { name: 2000, message: 20_000 },
  { name: 1000, message: 4000 },
  { name: 500, message: 1000 },
  { name: 300, message: 200 },
];
type Step = (typeof steps)[number];
type Redact = (text: string) => string;

/** A result whose texts are redacted, clean and small enough to be sent. The verdict stays as it is. */
export function fitReport(result: AttemptResult, redact: Redact): AttemptResult {
  return {
    ...result,
    ...(result.error !== undefined && { error: cleanText(redact(result.error), most.error) }),
    ...(result.tests && { tests: fitTests(failedFirst(result.tests, most.tests), redact) }),
  };
}

function fitTests(tests: readonly TestCase[], redact: Redact): TestCase[] {
  for (const step of steps) {
    const fitted = fitAll(tests, step, redact);
    if (fitted) return fitted;
  }
  return fitTests(failedFirst(tests, Math.floor(tests.length / 2)), redact);
}

/** Undefined as soon as they are too many bytes, so that a huge report costs little more than one that fits. */
function fitAll(tests: readonly TestCase[], step: Step, redact: Redact): TestCase[] | undefined {
  const fitted: TestCase[] = [];
  let left = most.bytes;
  for (const test of tests) {
    const one = fitTest(test, step, redact);
    left -= Buffer.byteLength(JSON.stringify(one)) + 1;
    if (left < 0) return undefined;
    fitted.push(one);
  }
  return fitted;
}

/** At most `count` tests in their order; where some must go, those that failed stay. */
function failedFirst(tests: readonly TestCase[], count: number): TestCase[] {
  if (tests.length <= count) return [...tests];
  const failed = tests.filter((test) => test.status === 'failed').slice(0, count);
  return [...failed, ...tests.filter((test) => test.status !== 'failed').slice(0, count - failed.length)];
}

/** Redacted before anything is cut: half a secret would not be recognised. */
function fitTest(test: TestCase, step: Step, redact: Redact): TestCase {
  return {
    name: cleanText(redact(test.name), step.name),
    ...(test.file !== undefined && { file: cleanText(test.file, most.file) }),
    ...(test.line !== undefined && { line: Math.max(0, Math.trunc(test.line)) }),
    status: test.status,
    duration_ms: Math.max(0, Math.round(test.duration_ms)),
    ...(test.message !== undefined && { message: cleanText(redact(test.message), step.message) }),
  };
}
