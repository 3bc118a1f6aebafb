import { setImmediate as nextTurn } from 'node:timers/promises';
import { cleanText, cutText } from '../../protocol/clean-text.ts';
import { countTests } from '../../protocol/count-tests.ts';
import { limits } from '../../protocol/limits.ts';
import type { TestCase } from '../../protocol/shapes/job.ts';
import type { AttemptResult } from './attempt-result.ts';
import { chooseListed } from './choose-listed.ts';

/** Bytes of all tests: the body has room for the rest beside them. */
const mostBytes = 3 * 1024 * 1024;
const longestError = 20_000;

/**
 * The longest texts, in UTF-16 units: shorter in each step, until a report fits. The first are the limits of the wire.
 */
const steps = [
  { name: 2000, message: 20_000, file: 1000 },
  { name: 1000, message: 4000, file: 1000 },
  { name: 500, message: 1000, file: 500 },
  { name: 300, message: 200, file: 300 },
];
type Step = (typeof steps)[number];
/** Masks secrets. Of a text that is cut, what may be the beginning of a secret is left out too. */
type Redact = (text: string, isCut?: boolean) => string;

/** UTF-16 units of a text that are read; cleaning may remove most of them. */
const lookedAt = 64 * 1024;
/** UTF-16 units that are cleaned and masked in one turn of the event loop. */
const oneTurn = 32 * 1024;

/**
 * A result with clean, redacted texts, small enough to be sent, and with the true totals of its tests. The verdict
 * stays as it is. The work is split over turns of the event loop: heartbeats do not wait for a large report.
 */
export async function fitReport(result: AttemptResult, redact: Redact): Promise<AttemptResult> {
  const { tests, isComplete, only, ...told } = result;
  // Without it the next attempt runs the whole file.
  const rest = { ...told, ...(only?.every((id) => isPlainId(id, redact)) && { only }) };
  const error = rest.error !== undefined && { error: cutText(mask(rest.error, redact), longestError) };
  if (!tests) return { ...rest, ...error };
  const clean = await maskAll(chooseListed(tests, limits.testsPerReport), redact);
  const listed = await fitTests(clean);
  const counted = { total: tests.length, ...countTests(tests), listed: listed.length };
  const report = { ...counted, ...(isComplete && { complete: isComplete }) };
  return { ...rest, ...error, tests: listed, report };
}

/** An id cannot be masked: a test is found by it. A framework's own has no other characters; a process may tell any text. */
const isPlainId = (id: string, redact: Redact): boolean => /^[\w.-]+$/.test(id) && redact(id) === id;

/** Cleans, then masks: an escape sequence inside a secret would hide it from the masking. */
function mask(text: string, redact: Redact): string {
  if (text.length <= lookedAt) return redact(cleanText(text));
  // Masked before the cleaning too: the cut may go through an escape.
  return redact(cleanText(redact(text.slice(0, lookedAt), true)), true);
}

async function maskAll(tests: readonly TestCase[], redact: Redact): Promise<TestCase[]> {
  const masked: TestCase[] = [];
  let inTurn = 0;
  const maskInTurn = async (text = ''): Promise<string> => {
    inTurn += Math.min(text.length, lookedAt);
    if (inTurn >= oneTurn) {
      inTurn = 0;
      await nextTurn();
    }
    return text === '' ? '' : mask(text, redact);
  };
  for (const test of tests) {
    inTurn += 100;
    masked.push(await maskTest(test, redact, maskInTurn));
  }
  return masked;
}

/** Impossible numbers are dropped: the server would refuse the whole verdict for them. */
async function maskTest(
  test: TestCase,
  redact: Redact,
  maskInTurn: (text?: string) => Promise<string>,
): Promise<TestCase> {
  const { id, line, duration_ms } = test;
  const message = await maskInTurn(test.message);
  const file = await maskInTurn(test.file);
  const name = await maskInTurn(test.name);
  return {
    ...(id !== undefined && isPlainId(id, redact) && { id }),
    name: name || '(no name)',
    ...(file && { file }),
    ...(Number.isSafeInteger(line) && (line ?? -1) >= 0 && { line }),
    status: test.status,
    duration_ms: duration_ms >= 0 && duration_ms <= Number.MAX_SAFE_INTEGER ? Math.round(duration_ms) : 0,
    ...(message && { message }),
  };
}

async function fitTests(tests: readonly TestCase[]): Promise<TestCase[]> {
  for (const step of steps) {
    await nextTurn();
    const fitted = cutAll(tests, step);
    if (fitted) return fitted;
  }
  return fitTests(chooseListed(tests, Math.floor(tests.length / 2)));
}

/** Undefined as soon as the bytes are too many, so that a huge report costs little more than one that fits. */
function cutAll(tests: readonly TestCase[], step: Step): TestCase[] | undefined {
  const fitted: TestCase[] = [];
  let left = mostBytes;
  for (const test of tests) {
    const one = cutTest(test, step);
    left -= Buffer.byteLength(JSON.stringify(one)) + 1;
    if (left < 0) return undefined;
    fitted.push(one);
  }
  return fitted;
}

const cutTest = (test: TestCase, step: Step): TestCase => ({
  ...test,
  name: cutText(test.name, step.name),
  ...(test.file !== undefined && { file: cutText(test.file, step.file) }),
  ...(test.message !== undefined && { message: cutText(test.message, step.message) }),
});
