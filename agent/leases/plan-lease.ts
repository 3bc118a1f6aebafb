import { QgjobError } from '../../protocol/errors.ts';
import type { Lease, LeasedJob } from '../../protocol/shapes/agent.ts';
import type { Agent } from '../agent.ts';
import { choosePreset } from '../frameworks/choose-preset.ts';
import type { Preset } from '../frameworks/preset.ts';
import type { LiveLease } from '../loops/lease-book.ts';
import { findSetUps, type SetUp } from '../sources/find-set-ups.ts';
import { openSource, refuseTest } from '../sources/open-source.ts';

/** Which jobs of a lease can be run, and why not the others. */
export interface LeasePlan {
  readonly rejected: readonly { readonly job: LeasedJob; readonly why: string }[];
  /** Absent when every job is rejected. */
  readonly run?: {
    readonly preset: Preset;
    readonly root: string;
    readonly setUps: readonly SetUp[];
    readonly jobs: readonly LeasedJob[];
  };
}

/**
 * Checks all that can be known before the install, so that a job that cannot run causes none. A bundle is unpacked into
 * `folder`. Errors: those of its download.
 */
export async function planLease(
  agent: Agent,
  lease: Lease,
  live: LiveLease,
  folder: string,
): Promise<LeasePlan> {
  const preset = choosePreset(agent.config.frameworks, lease.framework);
  if ('rejected' in preset) return rejectAll(lease, preset.rejected);
  const source = await openSource(lease.source, agent.config, folder, (sha256) =>
    agent.bundles.get(sha256, () => downloadBundle(agent, lease, live)),
  ).catch(rejectedWhenGone);
  if ('rejected' in source) return rejectAll(lease, source.rejected);
  const { root, top } = source;
  const kind = lease.source?.kind === 'bundle' ? 'bundle' : 'workspace';
  const looked = await Promise.all(
    lease.jobs.map(async (job) => ({ job, why: await refuseTest(root, job.test_path, kind) })),
  );
  const jobs = looked.filter(({ why }) => why === undefined).map(({ job }) => job);
  const tests = jobs.map((job) => job.test_path);
  const setUps = top === undefined ? [] : findSetUps(top, root, tests, agent.config.setUp);
  return {
    rejected: looked.flatMap(({ job, why }) => (why === undefined ? [] : [{ job, why }])),
    ...(jobs.length > 0 && { run: { preset, root, setUps, jobs } }),
  };
}

/** Long: a bundle has up to 50 MiB, and the line of a host may be slow. In ms. */
const downloadMs = 10 * 60_000;

function downloadBundle(agent: Agent, lease: Lease, live: LiveLease): Promise<Uint8Array> {
  const signal = AbortSignal.any([live.lost, agent.stop.kill]);
  const params = { id: lease.lease_id };
  return live.client.call('getLeaseSource', { params, signal, timeoutMs: downloadMs });
}

/** Another try would find the bundle as little. */
function rejectedWhenGone(error: unknown): { readonly rejected: string } {
  if (error instanceof QgjobError && error.code === 'not_found')
    return { rejected: `the server does not have the bundle any more: ${error.message}` };
  throw error;
}

const rejectAll = (lease: Lease, why: string): LeasePlan => ({
  rejected: lease.jobs.map((job) => ({ job, why })),
});
