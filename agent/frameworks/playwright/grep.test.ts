import { expect, test } from 'vitest';
import { leaseOf } from '../../test-support/leases.ts';
import { startTestAgent } from '../../test-support/start-agent.ts';

const suite = (...tests: string[]): string => `
  import { test } from '@playwright/test';
  const fails = () => { throw new Error(process.env.QGJOB_PARAM_WHY); };
  ${tests.join('\n')}`;
const passes = (title: string): string => `test('${title}', () => undefined);`;
const fails = (title: string): string => `test('${title}', fails);`;

const files = {
  'playwright.config.ts': 'export default {};',
  'some.spec.ts': suite(passes('one @smoke'), fails('two')),
  'none.spec.ts': suite(passes('three')),
  'bad.spec.ts': suite(fails('four @smoke'), passes('five')),
};
const start = () => startTestAgent({ files, frameworks: { default: 'playwright' } });

test('tests run whose title matches; a file without such a test is not green', async () => {
  const { server } = await start();
  const jobs = ['some.spec.ts', 'none.spec.ts', 'bad.spec.ts'];
  server.grant(leaseOf(jobs, { framework: 'playwright', grep: '@smoke', params: { WHY: 'no luck' } }));
  expect(await server.verdict('job_some_spec_ts')).toMatchObject({
    verdict: 'passed',
    tests: [{ name: 'one @smoke', status: 'passed' }],
  });
  expect(await server.verdict('job_none_spec_ts')).toMatchObject({
    error_class: 'report_error',
    error: expect.stringMatching(/^no test ran: /),
  });
  expect(await server.verdict('job_bad_spec_ts')).toMatchObject({
    verdict: 'failed',
    error: '1 of 1 test failed: four @smoke: Error: no luck',
  });
});

test('an expression that looks like an option is none, and where no file has a match none is green', async () => {
  const { server } = await start();
  server.grant(leaseOf(['some.spec.ts', 'none.spec.ts'], { framework: 'playwright', grep: '--list' }));
  for (const job of ['job_some_spec_ts', 'job_none_spec_ts'])
    expect(await server.verdict(job)).toMatchObject({ error_class: 'report_error' });
});
