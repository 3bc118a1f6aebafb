import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LeasedJob } from '../../protocol/shapes/agent.ts';
import { type ChildEnd, type ChildOptions, type Command, runChild } from '../children/run-child.ts';
import { makeNew, processFolder } from '../folders.ts';
import type { InstallRequest, TestRequest } from '../frameworks/preset.ts';
import type { LeaseWork } from './lease-work.ts';

/** What the install of a lease is told, in placeholders and as variables. */
export async function installRequest(work: LeaseWork): Promise<InstallRequest> {
  return requestIn(work, await makeNew(work.folder, 'install-'));
}

/** What the attempt of a job is told, in placeholders and as variables. */
export async function testRequest(work: LeaseWork, job: LeasedJob): Promise<TestRequest> {
  const folder = await makeNew(work.folder, 'job-');
  const base = await requestIn(work, folder);
  const junit = join(folder, 'junit.xml');
  return {
    ...base,
    testPath: job.test_path,
    folder,
    junit,
    id: randomUUID(),
    env: {
      ...base.env,
      QGJOB_TEST: job.test_path,
      QGJOB_JUNIT: junit,
      QGJOB_JOB_ID: job.job_id,
      QGJOB_ATTEMPT: String(job.next_attempt),
    },
  };
}

async function requestIn({ agent, slot, lease, root }: LeaseWork, folder: string): Promise<InstallRequest> {
  const artifacts = join(folder, 'artifacts');
  await mkdir(artifacts, { mode: 0o700 });
  const device = slot.device.offer.name;
  // A registered app's file will be fetched into the lease's folder; until then only its address is known.
  const app = lease.app?.url ?? '';
  return {
    root,
    app,
    device,
    artifacts,
    env: {
      ...agent.config.childEnv,
      ...slot.device.env,
      QGJOB_APP: app,
      QGJOB_DEVICE: device,
      QGJOB_ARTIFACTS: artifacts,
      QGJOB_APP_VERSION_ID: lease.app_version_id,
    },
  };
}

type Options = Pick<ChildOptions, 'onOutput' | 'timeoutMs' | 'stop'>;

/** Runs an install or a test of a lease: stopped by what its options say, and by the end of the agent. */
export function runLeaseChild(
  { agent, preset }: LeaseWork,
  command: Command,
  options: Options,
): Promise<ChildEnd> {
  return runChild(command, {
    ...options,
    kill: agent.stop.kill,
    ownSignal: preset.ownSignal,
    ladder: agent.timing.ladder,
    marker: processFolder(agent.config),
  });
}
