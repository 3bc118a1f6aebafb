import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../../protocol/shapes/job.ts';
import { isFinal } from '../../protocol/states.ts';
import { agentFile } from '../support/workspace-files.ts';
import { Lab, type LabOptions, shortLease } from './lab.ts';
import { until } from './program.ts';

/** Tests that run until they are released. */
export interface WaitingTests {
  readonly lab: Lab;
  /** Submits a test and resolves when it runs. It passes after `release` was called with its name. */
  start(name: string, timeoutMs?: number): Promise<Job>;
  release(name: string): void;
  read(job: Job): Promise<Job>;
  /** Resolves with the job when it is final. */
  waitForEnd(job: Job): Promise<Job>;
}

const script = (name: string): string =>
  `touch ${name}.started; until [ -e ${name}.released ]; do sleep 0.05; done\n`;

/** A server with a short lease TTL, and the workspace of an agent with two devices and these tests. */
export async function openWaitingTests(
  names: readonly string[],
  options: Partial<LabOptions> = {},
): Promise<WaitingTests> {
  const lab = await Lab.open({
    ...options,
    files: {
      'qgjob.agent.json': agentFile({ name: 'rack', devices: 2 }),
      ...Object.fromEntries(names.map((name) => [`${name}.sh`, script(name)])),
    },
    server: { ...shortLease.env, ...options.server },
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
        `the start of ${name}`,
        () => existsSync(join(lab.workspace, `${name}.started`)) || undefined,
      );
      const [job] = jobs;
      if (!job) throw new Error('the run has no job');
      return read(job);
    },
    release: (name) => writeFileSync(join(lab.workspace, `${name}.released`), ''),
    read,
    waitForEnd: (job) =>
      until(`the end of ${job.test_path}`, async () => {
        const now = await read(job);
        return isFinal(now.status) ? now : undefined;
      }),
  };
}
