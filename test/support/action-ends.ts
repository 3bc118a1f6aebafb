import { expect } from 'vitest';
import { waitForRun } from '../../client/index.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import type { Phase } from './action-harness.ts';
import type { Lab } from './action-lab.ts';

/** Of docs/faults.md: after a cancel a device is free so long later at most, in ms. */
export const freeWithinMs = 25_000;

/** The id of the step's run, once it has one. */
export async function runOf(phase: Phase): Promise<string> {
  const [, id = ''] = await phase.logged(/Run (run_\S+): http/);
  return id;
}

/** Waits until some job of the run has this status. */
export async function untilSome(lab: Lab, id: string, status: 'scheduled' | 'running'): Promise<void> {
  for (let rev = 0; ; ) {
    const query = { after_rev: rev, wait_ms: 20_000 };
    const run = await lab.client.call('getRun', { params: { id }, query });
    if (run.counts[status] > 0) return;
    rev = run.rev;
  }
}

/** Waits for the end of the run, and until all devices are idle. */
export async function untilFree(lab: Lab, id: string): Promise<Run> {
  const { run } = await waitForRun(lab.client, id, { timeoutMs: freeWithinMs });
  const statuses = async () =>
    (await lab.client.call('listDevices')).devices.map(({ status, lease_id: lease }) => `${status} ${lease}`);
  await expect
    .poll(statuses, { timeout: freeWithinMs })
    .toEqual(expect.not.arrayContaining([expect.not.stringMatching(/^idle null$/)]));
  return run;
}
