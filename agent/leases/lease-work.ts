import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { Lease, LeasedJob } from '../../protocol/shapes/agent.ts';
import { type Agent, isDraining } from '../agent.ts';
import { type ChildEnd, type ChildOptions, type Command, runChild } from '../children/run-child.ts';
import { type DeviceUse, deviceInstaller, hasInstalled, type Slot } from '../devices/device.ts';
import { makeNew, processFolder } from '../folders.ts';
import type { Preset, TestRequest } from '../frameworks/preset.ts';
import type { InstallRequest, RunRequest } from '../frameworks/request.ts';
import type { Space } from '../isolation/isolation.ts';
import type { LiveLease } from '../loops/lease-book.ts';
import type { Network } from '../network/networks.ts';
import type { SetUp } from '../sources/find-set-ups.ts';

/** A lease that this agent works on, with all that its install and its jobs need. */
export interface LeaseWork {
  readonly agent: Agent;
  readonly slot: Slot;
  readonly lease: Lease;
  readonly live: LiveLease;
  /** Of this lease alone, mode 0700, removed at its end. */
  readonly folder: string;
  /** The test code. */
  readonly root: string;
  /** A path or an address of the app; empty where the framework brings it. */
  readonly app: string;
  /** Where its programs run. */
  readonly space: Space;
  /** Undefined: the host's. */
  readonly network: Network | undefined;
  /** For what an install leaves behind on the device. */
  readonly deviceDir: string;
  /** What makes the test code ready to run, in this order. */
  readonly setUps: readonly SetUp[];
  readonly preset: Preset;
}

/**
 * Waits while the server does not answer, since it may give our jobs to other agents. True when the next job, or the
 * install, may be started; false when the lease is lost, the agent drains, or the device is not fit.
 */
export async function mayStart({ agent, live, slot }: LeaseWork): Promise<boolean> {
  const over = AbortSignal.any([live.lost, agent.stop.drain, agent.intake.closed]);
  await agent.renewal.whenFresh(over);
  return !over.aborted && !isDraining(agent) && slot.health.fault === undefined;
}

/** What the install of a lease gets, as placeholders and as variables. */
export async function installRequest(work: LeaseWork): Promise<InstallRequest> {
  // It serves other runs too, so it knows nothing of this one's params.
  const { params: _params, ...lease } = work.lease;
  return requestIn({ ...work, lease }, await makeNew(work.folder, 'install-'));
}

/** What the attempt of a job gets, as placeholders and as variables. */
export async function testRequest(work: LeaseWork, job: LeasedJob): Promise<TestRequest> {
  const folder = await makeNew(work.folder, 'job-');
  const base = await requestIn(work, folder, job);
  const junit = join(folder, 'junit.xml');
  const traceparent = work.agent.traces.traceparent(job);
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
      ...(traceparent !== undefined && { TRACEPARENT: traceparent }),
    },
  };
}

/** What a process of a lease gets, with a folder of its own for artifacts in `folder`. */
export async function requestIn(work: LeaseWork, folder: string, job?: LeasedJob): Promise<RunRequest> {
  const { agent, slot, lease, root, app, space, deviceDir } = work;
  const artifacts = join(folder, 'artifacts');
  await mkdir(artifacts, { mode: 0o700 });
  await space.give(folder);
  const device = slot.device.offer.name;
  return {
    root,
    isOwnCopy: lease.source !== undefined && lease.source.kind !== 'workspace',
    app,
    device,
    deviceDir,
    artifacts,
    grep: lease.grep,
    isInstalled: slot.installedBy !== undefined,
    isBrowser: slot.device.offer.labels?.driver === 'browser',
    env: {
      ...agent.config.childEnv,
      ...slot.device.env,
      ...slot.device.envFor?.(useOf(work, job)),
      ...paramVariables(lease),
      QGJOB_APP: app,
      ...(isAbsolute(app) ? { QGJOB_APP_PATH: app } : app !== '' && { QGJOB_APP_URL: app }),
      QGJOB_DEVICE: device,
      QGJOB_DEVICE_DIR: deviceDir,
      QGJOB_ARTIFACTS: artifacts,
      QGJOB_APP_VERSION_ID: lease.app_version_id,
    },
  };
}

const useOf = ({ slot, lease, preset, app }: LeaseWork, job: LeasedJob | undefined): DeviceUse => ({
  orgId: lease.org_id,
  appVersionId: lease.app_version_id,
  target: lease.target,
  leaseId: lease.lease_id,
  framework: preset.name,
  app,
  hasApp: hasInstalled(slot, lease, deviceInstaller),
  job: job && { jobId: job.job_id, testPath: job.test_path, attempt: job.next_attempt },
});

/** What the submit gives to its tests. */
export const paramVariables = ({ params = {} }: Lease): Record<string, string> =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [`QGJOB_PARAM_${name}`, value]));

type Options = Pick<ChildOptions, 'onOutput' | 'timeoutMs' | 'stop'>;

/** Runs an install or a test of a lease. It is stopped by its options, by the loss of the device, and by a kill of the agent. */
export async function runLeaseChild(
  { agent, preset, slot, space }: LeaseWork,
  inside: Command,
  options: Options,
): Promise<ChildEnd> {
  const { command, enclosure } = await space.enclose(inside);
  return runChild(command, {
    ...options,
    stop: AbortSignal.any([options.stop, slot.health.broke]),
    enclosure,
    kill: agent.stop.kill,
    ownSignal: preset.ownSignal,
    ladder: agent.timing.ladder,
    marker: processFolder(agent.config),
  });
}
