import { expect, test } from 'vitest';
import { limits } from '../../protocol/limits.ts';
import { FinishJob } from '../../protocol/shapes/agent.ts';
import type { TestCase } from '../../protocol/shapes/job.ts';
import { fitReport } from './fit-report.ts';

const same = (text: string) => text;
const huge = (count: number, status: TestCase['status']): TestCase[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `${index} ${'n'.repeat(5000)}`,
    file: 'f'.repeat(3000),
    line: 2.5,
    status,
    duration_ms: 1.5,
    message: '\u001b[31mred\u001b[0m '.repeat(5000),
  }));

test('a report of any size becomes one that the server takes', () => {
  const fitted = fitReport({ verdict: 'failed', error: 'e'.repeat(1e6), tests: huge(6000, 'failed') }, same);
  const body = { attempt: 1, duration_ms: 1, ...fitted };
  expect(FinishJob.safeParse(body).error).toBeUndefined();
  expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(limits.jsonBodyBytes);
});

test('where tests must go, those that failed stay', () => {
  const { tests } = fitReport(
    { verdict: 'failed', tests: [...huge(6000, 'passed'), ...huge(3, 'failed')] },
    same,
  );
  expect(tests?.filter((one) => one.status === 'failed')).toHaveLength(3);
});

test('colours and control characters are taken out, line ends stay', () => {
  const { error } = fitReport({ verdict: 'failed', error: '\u001b[31ma\u001b[0m\r\nb\u0000\u0007\tc' }, same);
  expect(error).toBe('a\nb\tc');
});

test('a secret is masked before anything is cut', () => {
  const mask = (text: string) => text.replaceAll('secret', '[redacted]');
  const { error, tests } = fitReport(
    {
      verdict: 'failed',
      error: 'the secret',
      tests: [{ name: 'a secret', status: 'failed', duration_ms: 1, message: `${'x'.repeat(19_997)}secret` }],
    },
    mask,
  );
  expect(error).toBe('the [redacted]');
  expect(tests?.[0]?.name).toBe('a [redacted]');
  expect(tests?.[0]?.message?.slice(19_990)).toBe('xxxxxxx[r…');
});
