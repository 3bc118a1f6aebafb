import { expect, test } from 'vitest';
import { hubTest } from '../../agent/test-support/stack-devices.ts';
import { startStackLab } from '../support/stack-lab.ts';

test('while BrowserStack is full jobs wait with that reason; the first free session is used', async () => {
  const { standIn, startAgent, start, qgjob, submit } = await startStackLab(
    { 'a.mjs': hubTest(), 'b.mjs': hubTest() },
    { prepare: ({ plan }) => void Object.assign(plan, { foreign: 5, queued: 3 }) },
  );
  await startAgent();
  const full = 'BrowserStack is full: 5 of 5 parallel sessions run, 3 wait in its queue';
  const { jobs } = JSON.parse((await qgjob(...submit)).stdout);
  const { stdout } = await qgjob('why', jobs[0].job_id);
  expect(stdout).toContain(
    `every device for browserstack is paused, benched or draining (browserstack-1: ${full})`,
  );
  expect((await qgjob('devices')).stdout).toContain(full);

  Object.assign(standIn.plan, { foreign: 4, queued: 0 });
  const { code, stdout: told } = await start('wait', jobs[0].run_id, '--json').ended;
  expect(code, told).toBe(0);
  expect(JSON.parse(told.trim().split('\n').at(-1) ?? '')).toMatchObject({
    conclusion: 'success',
    counts: { passed: 2, failed: 0, errored: 0 },
  });
  // Nothing was tried while it was full.
  expect(standIn.callsOf('POST /wd/hub/session')).toBe(2);
});
