import type { TestCase } from '../../protocol/shapes/job.ts';
import type { AttemptResult } from './attempt-result.ts';
import { cleanText } from './clean-text.ts';

/** What the wire's shapes allow, and stays under the limit of a JSON body with room for the rest. */
const most = { tests: 5000, name: 2000, file: 1000, message: 20_000, error: 20_000, bytes: 3 * 1024 * 1024 };

/** Shorter and shorter, until a report fits. */
const steps = [
  { name: most.name, message: most.message },
  { name: 1000, message: 4000 },
  { name: 500, message: 1000 },
  { name: 300, message: 200 },
];

/** A result whose texts are redacted, clean and small enough to be sent. The verdict stays as it is. */
export function fitReport(result: AttemptResult, redact: (text: string) => string): AttemptResult {
  // Redacted before anything is cut: half a secret would not be recognised.
  const tests = result.tests?.map((test) => ({
    ...test,
    name: redact(test.name),
    ...(test.message !== undefined && { message: redact(test.message) }),
  }));
  return {
    ...result,
    ...(result.error !== undefined && { error: cleanText(redact(result.error), most.error) }),
    ...(tests && { tests: fitTests(tests) }),
  };
}

function fitTests(tests: readonly TestCase[]): TestCase[] {
  let fitted: TestCase[] = [];
  for (const step of steps) {
    fitted = failedFirst(tests, most.tests).map((test) => fitTest(test, step));
    if (sizeOf(fitted) <= most.bytes) return fitted;
  }
  while (sizeOf(fitted) > most.bytes) fitted = failedFirst(fitted, Math.floor(fitted.length / 2));
  return fitted;
}

const sizeOf = (list: readonly TestCase[]): number => Buffer.byteLength(JSON.stringify(list));

/** At most `count` tests in their order; where some must go, those that failed stay. */
function failedFirst(tests: readonly TestCase[], count: number): TestCase[] {
  if (tests.length <= count) return [...tests];
  const failed = tests.filter((test) => test.status === 'failed').slice(0, count);
  return [...failed, ...tests.filter((test) => test.status !== 'failed').slice(0, count - failed.length)];
}

function fitTest(test: TestCase, step: { readonly name: number; readonly message: number }): TestCase {
  return {
    name: cleanText(test.name, step.name),
    ...(test.file !== undefined && { file: cleanText(test.file, most.file) }),
    ...(test.line !== undefined && { line: Math.max(0, Math.trunc(test.line)) }),
    status: test.status,
    duration_ms: Math.max(0, Math.round(test.duration_ms)),
    ...(test.message !== undefined && { message: cleanText(test.message, step.message) }),
  };
}
