import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '../../protocol/limits.ts';
import { FinishJob } from '../../protocol/shapes/agent.ts';
import type { TestCase } from '../../protocol/shapes/job.ts';
import { createMasks } from '../logs/masks.ts';
import type { AttemptResult } from './attempt-result.ts';
import { fitReport } from './fit-report.ts';

const same = (text: string) => text;
const esc = '\u001b';
const huge = (count: number, status: TestCase['status'], size = 1): TestCase[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `${index} ${'n'.repeat(5000 * size)}`,
    file: 'f'.repeat(3000 * size),
    line: 2.5,
    status,
    duration_ms: 1.5,
    message: `${esc}[31mred${esc}[0m `.repeat(5000 * size),
  }));

test('a failure says whether its failed tests are all that went wrong, and does not where it is not known', async () => {
  const tests: TestCase[] = [{ name: 'a', status: 'failed', duration_ms: 1 }];
  const whole = await fitReport({ verdict: 'failed', tests, isComplete: true }, same);
  FinishJob.parse({ attempt: 1, duration_ms: 1, ...whole });
  expect(whole.report?.complete).toBe(true);
  expect((await fitReport({ verdict: 'failed', tests }, same)).report).not.toHaveProperty('complete');
});

test('a report of any size becomes one that the server takes', async () => {
  const tests = huge(6000, 'failed', 0.2);
  const fitted = await fitReport({ verdict: 'failed', error: 'e"'.repeat(1e6), tests }, same);
  const body = { attempt: 1, duration_ms: 1, ...fitted };
  expect(FinishJob.safeParse(body).error).toBeUndefined();
  expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(limits.jsonBodyBytes);
  expect(fitted.report).toMatchObject({ total: 6000, failed: 6000, listed: fitted.tests?.length });
});

test('an id that is no id of a framework, or holds a secret, is left out, and the next attempt runs all', async () => {
  const { redact } = createMasks(['hunter22']);
  const hex = Buffer.from('hunter22').toString('hex');
  const good = '0f9b2c4d6e8a0f9b2c4d-6e8a0f9b2c4d6e8a0f9b';
  const ids = [good, 'a b', hex, 'hunter22', 'x\u200b'];
  const tests = ids.map((id) => ({ id, name: 'a', status: 'failed' as const, duration_ms: 1 }));
  const fitted = await fitReport({ verdict: 'failed', tests, only: ids }, redact);
  expect(fitted.tests?.map(({ id }) => id)).toEqual([good, undefined, undefined, undefined, undefined]);
  expect(fitted).not.toHaveProperty('only');
  expect(await fitReport({ verdict: 'failed', tests, only: [good] }, redact)).toMatchObject({ only: [good] });
});

test('texts of three bytes a character are fitted too', async () => {
  const tests = Array.from({ length: 5000 }, () => ({
    name: '永'.repeat(2000),
    file: '永'.repeat(1000),
    status: 'failed' as const,
    duration_ms: 0,
    message: '"'.repeat(3000),
  }));
  const fitted = await fitReport({ verdict: 'failed', tests }, same);
  expect(Buffer.byteLength(JSON.stringify(fitted))).toBeLessThan(3.2 * 1024 * 1024);
  expect(fitted.tests?.length).toBeGreaterThan(500);
});

const many = (count: number, status: TestCase['status']): TestCase[] =>
  Array.from({ length: count }, (_, index) => ({ name: `${status} ${index}`, status, duration_ms: 0 }));

test('where tests must go, failures stay, then flaky, passed and skipped ones, and all are counted', async () => {
  const tests = [
    ...many(2000, 'skipped'),
    ...many(4000, 'passed'),
    ...many(900, 'flaky'),
    ...many(300, 'failed'),
  ];
  const fitted = await fitReport({ verdict: 'failed', tests }, same);
  const listed = Map.groupBy(fitted.tests ?? [], (one) => one.status);
  expect([...listed].map(([status, some]) => [status, some.length])).toEqual([
    ['passed', 3800],
    ['flaky', 900],
    ['failed', 300],
  ]);
  expect(fitted.report).toEqual({
    total: 7200,
    passed: 4900,
    failed: 300,
    skipped: 2000,
    flaky: 900,
    listed: 5000,
  });
});

test('no tests, no totals', async () => {
  expect(await fitReport({ verdict: 'passed' }, same)).toEqual({ verdict: 'passed' });
});

test('colours and control characters are taken out, line ends stay', async () => {
  const { error } = await fitReport(
    { verdict: 'failed', error: `${esc}[31ma${esc}[0m\r\nb\u0000\u0007\tc` },
    same,
  );
  expect(error).toBe('a\nb\tc');
});

test('numbers that cannot be are dropped, not the verdict with them', async () => {
  const tests = [Number.NaN, -1, 2 ** 60, Number.POSITIVE_INFINITY, 1.5].map((number) => ({
    name: 't',
    line: number,
    status: 'failed' as const,
    duration_ms: number,
  }));
  const fitted = await fitReport({ verdict: 'failed', tests }, same);
  expect(FinishJob.safeParse({ attempt: 1, duration_ms: 1, ...fitted }).error).toBeUndefined();
  expect(fitted.tests).toHaveLength(5);
});

const long = 's0123456789'.repeat(290);
const mask = (text: string) => text.replaceAll('secret', '[redacted]');

test('a secret is masked in every field, before anything is cut', async () => {
  const { error, tests } = await fitReport(
    {
      verdict: 'failed',
      error: 'the secret',
      tests: [
        {
          name: 'a secret',
          file: 'secret/a.js',
          status: 'failed',
          duration_ms: 1,
          message: `${'x'.repeat(19_997)}secret`,
        },
      ],
    },
    mask,
  );
  expect(error).toBe('the [redacted]');
  expect(tests?.[0]).toMatchObject({ name: 'a [redacted]', file: '[redacted]/a.js' });
  expect(tests?.[0]?.message?.slice(19_990)).toBe('xxxxxxx[r…');
});

test.each([
  ['a colour', `sec${esc}[0mret`],
  ['a title', `sec${esc}]0;x\u0007ret`],
  ['a NUL', 'sec\0ret'],
  ['a mark of direction', 'sec\u200fret'],
  ['a colour inside of a colour', `sec${esc}[${esc}[0m0mret`],
])('%s inside of a secret does not put it together again', async (_what, text) => {
  const { tests } = await fitReport(
    {
      verdict: 'failed',
      tests: [{ name: text, file: text, message: text, status: 'failed', duration_ms: 0 }],
    },
    mask,
  );
  expect(JSON.stringify(tests)).not.toContain('secret');
});

test('half of a secret at the place where a huge text is cut is not shown', async () => {
  const { redact } = createMasks(['secret', long]);
  const messages = [
    `${`${esc}[0m`.repeat(16_383)}${'x'.repeat(2)}secret`,
    `${`${esc}[0m`.repeat(12_288)}${[...long].map((letter) => `\\u00${letter.charCodeAt(0).toString(16)}`).join('')}`,
    `${'x\0'.repeat(32_760)}${[...'secret'].join('\0')}`,
  ];
  const { tests } = await fitReport(
    {
      verdict: 'failed',
      tests: messages.map((message, n) => ({ name: `${n}`, message, status: 'failed', duration_ms: 0 })),
    },
    redact,
  );
  for (const { message = '' } of tests ?? []) expect(message).not.toMatch(/s|\\u/);
});

test('text is cut on whole characters', async () => {
  const { tests } = await fitReport(
    { verdict: 'failed', tests: [{ name: `x${'😀'.repeat(2000)}`, status: 'failed', duration_ms: 0 }] },
    same,
  );
  expect(tests?.[0]?.name.isWellFormed()).toBe(true);
});

test('whatever a report holds, what is sent has the shape of the wire and keeps the verdict', async () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(esc.repeat(3), '\ud800', '"\\\n'.repeat(9000)),
  );
  const anyTest = fc.record(
    {
      name: anyText,
      file: anyText,
      line: fc.oneof(fc.double(), fc.integer()),
      status: fc.constantFrom('passed' as const, 'failed' as const, 'skipped' as const, 'flaky' as const),
      duration_ms: fc.double(),
      message: anyText,
    },
    { requiredKeys: ['name', 'status', 'duration_ms'] },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(anyTest), anyText, async (tests, error) => {
      const result: AttemptResult = { verdict: 'error', error_class: 'report_error', error, tests };
      const fitted = await fitReport(result, same);
      expect(FinishJob.safeParse({ attempt: 1, duration_ms: 0, ...fitted }).error).toBeUndefined();
      expect(fitted).toMatchObject({
        verdict: 'error',
        report: { total: tests.length, listed: tests.length },
      });
    }),
    { numRuns: 300 },
  );
});
