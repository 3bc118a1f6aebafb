import { SaxesParser } from 'saxes';
import { expect, test } from 'vitest';
import { makeJob, makeRecord } from '../action/test-support/records.ts';
import { parseJunit } from '../agent/reports/read-junit.ts';
import { toJunit } from './junit.ts';

/** Throws for XML that is not well-formed. */
function expectWhole(xml: string): void {
  new SaxesParser().write(xml).close();
}

test('each job is a suite, and one that has not passed holds a case that says so', async () => {
  const jobs = [
    makeJob('a.sh'),
    makeJob('b.ts', {
      status: 'failed',
      tests: [
        { name: 'fine', status: 'passed', duration_ms: 1500 },
        { name: 'later', status: 'skipped', duration_ms: 0 },
        { name: 'adds up', status: 'failed', duration_ms: 1, message: 'expected 4' },
      ],
    }),
    makeJob('c.sh', { status: 'failed', error: 'exit 1' }),
    makeJob('d.ts', {
      status: 'errored',
      error: 'lost',
      tests: [{ name: 'x', status: 'passed', duration_ms: 1 }],
    }),
    makeJob('e.sh', { status: 'running' }),
  ];
  const xml = toJunit(makeRecord(jobs));
  expect(xml).toContain(
    '<testsuite name="b.ts on emulator" tests="3" failures="1" errors="0" skipped="1" time="1.234">',
  );
  const report = await parseJunit(xml);
  expect(report).not.toHaveProperty('problem');
  expect(report.tests.map(({ status }) => status)).toEqual([
    ...['passed', 'passed', 'skipped', 'failed', 'failed', 'passed', 'failed', 'failed'],
  ]);
});

test('whatever a test is called, the file is XML', () => {
  const bad = '<a>&"\' ]]> \u0000\u001b[31m\ud800 \ufffe \u0085 😀';
  const job = makeJob(bad, {
    status: 'failed',
    tests: [{ name: bad, status: 'failed', duration_ms: 1, message: `${bad}\n${bad}` }],
  });
  const xml = toJunit(makeRecord([job]));
  expectWhole(xml);
  expect(xml).toContain('&lt;a&gt;&amp;&quot;');
  expect(xml).not.toMatch(/[\p{Cs}\ufffe]|[^\n\P{Cc}]/u);
});

test('of more tests than are listed the counters are of the cases, and the properties and a note say what is missing', () => {
  const report = { total: 50_000, passed: 49_880, failed: 120, skipped: 0, flaky: 0, listed: 1 };
  const job = makeJob('a', {
    status: 'failed',
    tests: [{ name: 'x', status: 'failed', duration_ms: 1 }],
    report,
  });
  const xml = toJunit(makeRecord([job]));
  expectWhole(xml);
  expect(xml).toContain('tests="1" failures="1" errors="0" skipped="0"');
  expect(xml).toContain(
    '<property name="qgjob.total" value="50000"/><property name="qgjob.failed" value="120"/>',
  );
  expect(xml).toContain(
    '<system-out>120 of 50000 tests failed, 1 listed; and 119 more failed tests are not listed</system-out>',
  );
  // A job that failed has a case that failed, even if none is listed.
  const bare = toJunit(makeRecord([{ ...job, tests: [] }]));
  expect(bare).toContain('tests="1" failures="1"');
});

test('a job whose last attempt ran a part of its tests again shows all of them, and how many ran again', async () => {
  const job = makeJob('a', {
    ...{ outcome: 'flaky', attempt: 2, retried_tests: 1 },
    tests: [
      { name: 'x', status: 'flaky', duration_ms: 1, message: 'once' },
      { name: 'y', status: 'passed', duration_ms: 1 },
    ],
    report: { total: 2, passed: 2, failed: 0, skipped: 0, flaky: 1, listed: 2 },
  });
  const xml = toJunit(makeRecord([job]));
  expectWhole(xml);
  expect(xml).toContain('tests="2" failures="0" errors="0" skipped="0"');
  expect(xml).toContain('<property name="qgjob.retried_tests" value="1"/>');
  expect((await parseJunit(xml)).tests.map(({ status }) => status)).toEqual(['flaky', 'passed']);
});

test('a flaky test is no failure to any reader, and says what failed first', async () => {
  const jobs = [
    makeJob('a', {
      outcome: 'flaky',
      tests: [{ name: 'x', status: 'flaky', duration_ms: 1, message: 'not <yet>' }],
    }),
    makeJob('b', { outcome: 'flaky', attempt: 2 }),
  ];
  const xml = toJunit(makeRecord(jobs));
  expectWhole(xml);
  expect(xml.match(/failures="0" errors="0" skipped="0"/g)).toHaveLength(2);
  expect(xml).toContain(
    '<flakyFailure type="flaky" message="not &lt;yet&gt;">not &lt;yet&gt;</flakyFailure>',
  );
  expect(xml.match(/<property name="qgjob.outcome" value="flaky"\/>/g)).toHaveLength(2);
  const { problem, tests } = await parseJunit(xml);
  expect(problem).toBeUndefined();
  expect(tests.map(({ status }) => status)).toEqual(['flaky', 'flaky']);
});
