import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readVerdict } from '../test-support/read-verdict.ts';

/** A report of a real tool, shortened, and the result of its attempt. */
interface FieldCase {
  readonly what: string;
  readonly xml?: string;
  readonly base64?: string;
  readonly exit: number;
  readonly verdict: string;
  readonly tests: readonly string[];
  /** The message of its first test. */
  readonly duration_ms?: number;
}
const cases = JSON.parse(
  readFileSync(new URL('field-cases.json', import.meta.url), 'utf8'),
) as readonly FieldCase[];
const contentOf = ({ xml, base64 }: FieldCase): Buffer =>
  base64 === undefined ? Buffer.from(xml ?? '') : Buffer.from(base64, 'base64');

test.each(cases)('from the field: $what', async (one) => {
  const { verdict, tests, result } = await readVerdict(contentOf(one), one.exit);
  expect({ verdict, tests }).toEqual({ verdict: one.verdict, tests: one.tests });
  if (one.duration_ms !== undefined) expect(result.tests?.[0]?.duration_ms).toBe(one.duration_ms);
});

const whole = cases.map(contentOf);
const anyBytes = fc.uint8Array({ maxLength: 200 });
/** Reports that were cut, changed in some bytes, or joined. */
const damaged = fc
  .tuple(fc.constantFrom(...whole), fc.nat(), fc.nat(), anyBytes)
  .map(([report, from, length, bytes]) => {
    const start = from % report.length;
    return Buffer.concat([report.subarray(0, start), bytes, report.subarray(start + (length % 40))]);
  });

test('any bytes get a verdict, and green needs a case that ran and a document that ends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(anyBytes, damaged), async (bytes) => {
      // Throws for a result that the wire does not accept.
      const { verdict, result } = await readVerdict(bytes);
      if (verdict !== 'passed' && verdict !== 'flaky') return;
      const { report } = result;
      expect(report?.passed).toBeGreaterThan(0);
      expect(report?.failed).toBe(0);
      expect(Buffer.from(bytes).toString('latin1').replaceAll('\0', '').trimEnd()).toMatch(/>$/);
    }),
    { numRuns: 1500 },
  );
}, 60_000);

test('a report that is cut anywhere is never green', async () => {
  const passing = Buffer.from(
    '<testsuites><testsuite name="s" tests="2"><testcase name="a"/><testcase name="b"><system-out>x</system-out></testcase></testsuite></testsuites>',
  );
  expect((await readVerdict(passing)).verdict).toBe('passed');
  for (let length = 0; length < passing.length; length += 1) {
    expect((await readVerdict(passing.subarray(0, length))).verdict).toBe('report_error');
  }
});
