import { expect, test } from 'vitest';
import { leasedJob, leaseOf } from '../test-support/leases.ts';
import { hubTest, openStack, pixel } from '../test-support/stack-devices.ts';
import { StandInBrowserStack } from '../test-support/stand-in-browserstack.ts';
import { startTestAgent } from '../test-support/start-agent.ts';
import { FullAttempts } from './full-attempts.ts';

test('a job that finds its provider full waits twice in a row; after another end it may do so anew', () => {
  const full = new FullAttempts();
  const three = () => [full.mayWait('job_1'), full.mayWait('job_1'), full.mayWait('job_1')];
  expect(three()).toEqual([true, true, false]);
  expect(full.mayWait('job_1')).toBe(false);
  expect(full.mayWait('job_2')).toBe(true);
  full.forget('job_1');
  expect(three()).toEqual([true, true, false]);
});

test('the third attempt of a job in a row for which a tier of BrowserStack is full counts as a failure, in words', async () => {
  const standIn = await StandInBrowserStack.start();
  const { server } = await startTestAgent({
    files: { 'a.mjs': hubTest('throw new Error("BROWSERSTACK_TIER_LIMIT_EXCEEDED");') },
    frameworks: { default: 'command', command: { test: ['node', '{test}'] } },
    settings: { devices: [pixel] },
    host: standIn.env,
    devices: openStack(standIn),
    timing: { examineMs: 50 },
  });
  const ends = [];
  for (const attempt of [1, 2, 3]) {
    server.grant(leaseOf([leasedJob('a.mjs', { next_attempt: attempt })]));
    await server.until(() => server.callsOf('finishJob').length === attempt);
    ends.push(server.callsOf('finishJob').at(-1)?.body);
  }
  const why = "browserstack-1: the plan's sessions for phones of this tier were all in use";
  expect(ends).toMatchObject([
    { error_class: 'capacity' },
    { error_class: 'capacity', error: expect.stringContaining(`${why}; `) },
    {
      error_class: 'infra_error',
      error: expect.stringContaining(`${why}, at each of its last attempts here: does the plan have any?; `),
    },
  ]);
});
