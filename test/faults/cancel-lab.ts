import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../../protocol/shapes/job.ts';
import { agentFile } from '../support/workspace-files.ts';
import { Lab } from './lab.ts';
import { until } from './program.ts';

/**
 * Two tests that never end by themselves. One ends at its signal. The other ignores SIGTERM and SIGINT, and starts an
 * orphan in a session of its own that ignores them too and keeps the output open.
 */
export const tests = { obeying: 'obeys-signals.sh', ignoring: 'ignores-signals.sh' } as const;

const startedFile = (id: string): string => `started-${id}`;
const noteStart = `touch "${startedFile('$QGJOB_JOB_ID')}"`;
const forEver = 'while :; do sleep 600; done';
const ignoreSignals = 'trap "" TERM INT HUP';

/** A server with its default times, and an agent with this many devices. */
export async function openCancelLab(devices: number): Promise<Lab> {
  const lab = await Lab.open({
    files: {
      'qgjob.agent.json': agentFile({ name: 'rack', devices }),
      [tests.obeying]: `${noteStart}; ${forEver}\n`,
      [tests.ignoring]: `${ignoreSignals}; ( setsid sh -c '${ignoreSignals}; ${noteStart}; ${forEver}' & ); ${forEver}\n`,
    },
  });
  lab.startAgent('rack');
  return lab;
}

let submitted = 0;

/**
 * Submits this test and waits until it runs. Each has an app of its own, or it would wait for the device with the app.
 */
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
  await until(`the start of ${test}`, () => existsSync(join(workspace, startedFile(id))) || undefined);
  return client.call('getJob', { params: { id } });
}

/** Cancels a running job. Returns the time until its device is idle again, ms. */
export async function cancelTest({ client }: Lab, job: Job): Promise<number> {
  const began = performance.now();
  await client.call('cancelJob', { params: { id: job.job_id } });
  await until(`the end of ${job.test_path}`, async () => {
    const { devices } = await client.call('listDevices', { query: { limit: 500 } });
    return devices.find((device) => device.device_id === job.device_id && device.status === 'idle');
  });
  return performance.now() - began;
}
