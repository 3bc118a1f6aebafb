import { QgjobError } from '../../protocol/errors.ts';
import type { Lease, LeasedJob } from '../../protocol/shapes/agent.ts';
import type { Agent } from '../agent.ts';
import { choosePreset } from '../frameworks/choose-preset.ts';
import type { Preset } from '../frameworks/preset.ts';
import type { LiveLease } from '../loops/lease-book.ts';
import { findSetUps, type SetUp } from '../sources/find-set-ups.ts';
import { type Fetchers, type OpenedSource, openSource, refuseTest } from '../sources/open-source.ts';
import type { SourceFailure } from '../sources/source-failure.ts';
import { downloadFile } from './download-file.ts';

/** Which jobs of a lease can be run, and why not the others. */
export interface LeasePlan {
  readonly rejected: readonly { readonly job: LeasedJob; readonly why: string }[];
  /** Why no job can be run. */
  readonly failure?: SourceFailure;
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
  const preset = choosePreset(agent.config.frameworks, lease.framework, lease.target);
  if ('rejected' in preset) return rejectAll(lease, preset.rejected);
  // All tests would run, or none: either is another answer than the one that was asked for.
  if (lease.grep !== undefined && !preset.knowsGrep)
    return rejectAll(
      lease,
      `the framework ${preset.name} cannot select tests by their titles: submit them without grep`,
    );
  const source = await openInTime(agent, lease, live, folder);
  if ('failure' in source) return { rejected: [], failure: source.failure };
  const { root, top } = source;
  const kind = lease.source?.kind;
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

/** Nothing of the lease has started yet: a drain too ends what is still to be fetched and unpacked. */
async function openInTime(
  agent: Agent,
  lease: Lease,
  live: LiveLease,
  folder: string,
): Promise<OpenedSource> {
  const signal = AbortSignal.any([live.lost, agent.stop.drain, agent.intake.closed]);
  const fetch: Fetchers = {
    bundle: (sha256) =>
      unlessAborted(
        agent.bundles.get(sha256, (path) => downloadFile(live, 'getLeaseSource', sha256, path, signal)),
        signal,
      ),
    commit: (wanted, folders, options) => agent.repositories.checkOut(wanted, folders, options),
  };
  try {
    return await openSource(lease.source, agent.config, folder, fetch, signal);
  } catch (error) {
    return signal.aborted ? { failure: { class: 'stopped' } } : rejectedWhenGone(error);
  }
}

/** What another slot fetches is not waited for any longer. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Another try would find the bundle as little. */
function rejectedWhenGone(error: unknown): OpenedSource {
  if (!(error instanceof QgjobError) || error.code !== 'not_found') throw error;
  const why = `the server does not have the bundle any more: ${error.message}`;
  return { failure: { class: 'rejected', why } };
}

const rejectAll = (lease: Lease, why: string): LeasePlan => ({
  rejected: lease.jobs.map((job) => ({ job, why })),
});
