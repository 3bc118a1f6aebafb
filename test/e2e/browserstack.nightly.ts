import { expect, test } from 'vitest';
import { hubTest } from '../../agent/test-support/stack-devices.ts';
import { startStackLab } from '../support/stack-lab.ts';

const jobs = 15;
const files = Object.fromEntries(Array.from({ length: jobs }, (_, n) => [`t${n}.mjs`, hubTest()]));

test('30 jobs of one app in two runs are one upload, also with another start of the agent between', async () => {
  const { standIn, startAgent, qgjob, submit } = await startStackLab(files, { parallel: 2 });
  const runOnce = async () => {
    const { code, stderr, lines } = await qgjob(...submit, '--wait');
    expect(code, stderr).toBe(0);
    return JSON.parse(lines.at(-1) ?? '');
  };
  const first = await startAgent();
  expect(await runOnce()).toMatchObject({ conclusion: 'success', installs: 1, installs_saved: jobs - 1 });
  expect((await first.stop()).code).toBe(0);
  await startAgent();
  expect(await runOnce()).toMatchObject({ conclusion: 'success', installs: 0, installs_saved: jobs });
  expect(standIn.uploads).toBe(1);
  expect(standIn.sessions.all).toHaveLength(2 * jobs);
  // One build for the group.
  expect([...standIn.sessions.builds.keys()]).toEqual(['qgjob acme v1 browserstack']);
});
