import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../../protocol/shapes/job.ts';
import { isFinal } from '../../protocol/states.ts';
import { Lab, type LabOptions } from './lab.ts';
import { until } from './program.ts';

/** A lease that is short, and yet longer than a busy host stands still. */
export const ttlMs = 3000;

/** Tests that run until they are let go. */
export interface WaitingTests {
  readonly lab: Lab;
  /** Submits a test and resolves when it runs. It passes once `go` was called with its name. */
  start(name: string, timeoutMs?: number): Promise<Job>;
  release(name: string): void;
  read(job: Job): Promise<Job>;
  /** The job when it is final. */
  waitForEnd(job: Job): Promise<Job>;
}

const script = (name: string): string =>
  `touch ${name}.begun; until [ -e ${name}.go ]; do sleep 0.05; done\n`;

/** A server with a short lease, and an agent with two devices whose tests are these. */
export async function openWaitingTests(
  names: readonly string[],
  options: Partial<LabOptions> = {},
): Promise<WaitingTests> {
  const lab = await Lab.open({
    ...options,
    files: {
      'qgjob.agent.json': JSON.stringify({
        name: 'rack',
        devices: [{ driver: 'simulated', target: 'emulator', count: 2 }],
        frameworks: { default: 'command', command: { test: ['sh', '{test}'] } },
      }),
      ...Object.fromEntries(names.map((name) => [`${name}.sh`, script(name)])),
    },
    server: { QGJOB_LEASE_TTL_MS: String(ttlMs), QGJOB_HEARTBEAT_MS: '500', ...options.server },
  });
  const read = (job: Job) => lab.client.call('getJob', { params: { id: job.job_id } });
  return {
    lab,
    async start(name, timeoutMs) {
      // An app of its own, or it would wait for the device that has the app.
      const body = {
        org_id: 'acme',
        app_version_id: name,
        tests: [`${name}.sh`],
        framework: 'command' as const,
        timeout_ms: timeoutMs,
      };
      const { jobs } = await lab.client.call('submitRun', { body });
      await until(
        `the beginning of ${name}`,
        () => existsSync(join(lab.workspace, `${name}.begun`)) || undefined,
      );
      const [job] = jobs;
      if (!job) throw new Error('the run has no job');
      return read(job);
    },
    release: (name) => writeFileSync(join(lab.workspace, `${name}.go`), ''),
    read,
    waitForEnd: (job) =>
      until(`the end of ${job.test_path}`, async () => {
        const now = await read(job);
        return isFinal(now.status) ? now : undefined;
      }),
  };
}
