import type { Lease, LeasedJob } from '../../protocol/shapes/agent.ts';
import type { AgentConfig } from '../config.ts';
import { choosePreset } from '../frameworks/choose-preset.ts';
import type { Preset } from '../frameworks/preset.ts';
import { openSource, refuseTest } from '../sources/open-source.ts';

/** Which jobs of a lease can be run, and why not the others. */
export interface LeasePlan {
  readonly rejected: readonly { readonly job: LeasedJob; readonly why: string }[];
  /** Absent when every job is rejected. */
  readonly run?: { readonly preset: Preset; readonly root: string; readonly jobs: readonly LeasedJob[] };
}

/** Looks at everything that can be known before the install, so that a job that cannot run costs none. */
export async function planLease(config: AgentConfig, lease: Lease): Promise<LeasePlan> {
  const preset = choosePreset(config.frameworks, lease.framework);
  if ('rejected' in preset) return rejectAll(lease, preset.rejected);
  const source = await openSource(lease.source, config);
  if ('rejected' in source) return rejectAll(lease, source.rejected);
  const looked = await Promise.all(
    lease.jobs.map(async (job) => ({ job, why: await refuseTest(source.root, job.test_path) })),
  );
  const jobs = looked.filter(({ why }) => why === undefined).map(({ job }) => job);
  return {
    rejected: looked.flatMap(({ job, why }) => (why === undefined ? [] : [{ job, why }])),
    ...(jobs.length > 0 && { run: { preset, root: source.root, jobs } }),
  };
}

const rejectAll = (lease: Lease, why: string): LeasePlan => ({
  rejected: lease.jobs.map((job) => ({ job, why })),
});
