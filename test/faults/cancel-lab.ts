import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../../protocol/shapes/job.ts';
import { Lab } from './lab.ts';
import { until } from './program.ts';

/**
 * Two tests that would run for ever. One ends at its signal. The other ignores SIGTERM and SIGINT, and has left behind an
 * orphan in a session of its own that does so too and holds the output open.
 */
export const tests = { obedient: 'obedient.sh', deaf: 'deaf.sh' } as const;

const begun = (id: string): string => `begun-${id}`;
const begin = `touch "${begun('$QGJOB_JOB_ID')}"`;
const forEver = 'while :; do sleep 600; done';
const deaf = 'trap "" TERM INT HUP';

/** A server with its usual times, and an agent with this many devices. */
export async function openCancelLab(devices: number): Promise<Lab> {
  const lab = await Lab.open({
    files: {
      'qgjob.agent.json': JSON.stringify({
        name: 'rack',
        devices: [{ driver: 'simulated', target: 'emulator', count: devices }],
        frameworks: { default: 'command', command: { test: ['sh', '{test}'] } },
      }),
      [tests.obedient]: `${begin}; ${forEver}\n`,
      [tests.deaf]: `${deaf}; ( setsid sh -c '${deaf}; ${begin}; ${forEver}' & ); ${forEver}\n`,
    },
  });
  lab.startAgent('rack');
  return lab;
}

let submitted = 0;

/** A job of this test that runs. Each has an app of its own, or it would wait for the device that has the app. */
export async function startTest({ client, workspace }: Lab, test: string): Promise<Job> {
  submitted += 1;
  const body = {
    org_id: 'acme',
    app_version_id: `v${submitted}`,
    tests: [test],
    framework: 'command' as const,
  };
  const { jobs } = await client.call('submitRun', { body });
  const id = jobs[0]?.job_id ?? '';
  await until(`the beginning of ${test}`, () => existsSync(join(workspace, begun(id))) || undefined);
  return client.call('getJob', { params: { id } });
}

/** Cancels a running job. Answers how long it took until its device was idle again, ms. */
export async function cancelTest({ client }: Lab, job: Job): Promise<number> {
  const began = performance.now();
  await client.call('cancelJob', { params: { id: job.job_id } });
  await until(`the end of ${job.test_path}`, async () => {
    const { devices } = await client.call('listDevices', { query: { limit: 500 } });
    return devices.find((device) => device.device_id === job.device_id && device.status === 'idle');
  });
  return performance.now() - began;
}
