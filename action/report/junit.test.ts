import { SaxesParser } from 'saxes';
import { expect, test } from 'vitest';
import { parseJunit } from '../../agent/reports/read-junit.ts';
import { makeJob, makeRecord } from '../test-support/records.ts';
import { toJunit } from './junit.ts';

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
  // Throws for what is not well-formed.
  new SaxesParser().write(xml).close();
  expect(xml).toContain('&lt;a&gt;&amp;&quot;');
  expect(xml).not.toMatch(/[\p{Cs}\ufffe]|[^\n\P{Cc}]/u);
});
