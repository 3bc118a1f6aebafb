import { expect } from 'vitest';
import { hubTest } from '../../agent/test-support/stack-devices.ts';
import { startStackLab } from './stack-lab.ts';

/** Two runs of so many jobs each, of one app at the stand-in BrowserStack, with another start of the agent between. */
export async function expectOneUpload(jobs: number): Promise<void> {
  const files = Object.fromEntries(Array.from({ length: jobs }, (_, n) => [`t${n}.mjs`, hubTest()]));
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
}
