import { setTimeout as sleep } from 'node:timers/promises';
import type { Blobs } from '../blobs/open-blobs.ts';
import {
  deleteJobs,
  findUnknownJobs,
  forgetArtifacts,
  jobsOfPrunedRuns,
  oldestWithEvidence,
  pruneAppVersions,
  pruneBranches,
  pruneBundles,
  pruneEvents,
  pruneLeases,
  pruneRuns,
} from '../queue/retention/index.ts';
import type { Deps } from '../queue/store/deps.ts';
import { findBundle, isBuildUsed, listBuilds, listBundles } from '../queue/submit/index.ts';

export interface PrunerOptions {
  /** How long finished runs are kept; undefined: for ever. In ms. */
  readonly keepMs: number | undefined;
  /** Of logs, artifacts, bundles and apps together; undefined: no limit. */
  readonly maxBlobBytes: number | undefined;
  /** Monotonic, in ms. */
  readonly monotonic: () => number;
}

// Small steps with pauses between: a lease waits for one step at most, which takes a few ms.
const runsPerStep = 20;
const jobsPerStep = 20;
const rowsPerStep = 500;
const bundlesPerStep = 10;
const stepsPerPass = 8;
const leastPauseMs = 25;
/** So many times longer than a step took is the pause after it. */
const pauseFactor = 4;
/** How long nothing is looked for once nothing is left. */
const restMs = 60_000;
const measureEveryMs = 10 * 60_000;
const sweepEveryMs = 24 * 3_600_000;
/** Logs and artifacts of a run are kept at least so long after its end, whatever they take: uploads may still come. */
const leastKeptMs = 3_600_000;
/** What failed on a branch is kept longer than its runs, so many times, and at least so long. */
const branchFactor = 3;
const leastBranchMs = 90 * 24 * 3_600_000;
/** Files that are this new are not swept: an upload writes its file before its row. */
const sweptAfterMs = 24 * 3_600_000;

/** Deletes what is too old, and what takes too much room, a little in each pass. */
export class Pruner {
  readonly #deps: Deps;
  readonly #blobs: Blobs;
  readonly #options: PrunerOptions;
  #restUntil = 0;
  #measureAt = 0;
  #sweepAt: number;
  /** Bytes above the limit, as far as they were not freed since they were measured. */
  #over = 0;
  /** The run whose files are being deleted to make room, and its last job that is done. */
  #emptying: { readonly runId: string; readonly after: number } | undefined;
  /** Where the next look at leases begins. */
  #lease = 0;
  /** Ids of jobs that have files and may be unknown. */
  #toSweep: string[] = [];

  constructor(deps: Deps, blobs: Blobs, options: PrunerOptions) {
    this.#deps = deps;
    this.#blobs = blobs;
    this.#options = options;
    // Not at the start: a server has other things to do then.
    this.#sweepAt = options.monotonic() + measureEveryMs;
  }

  /** One pass: of each kind of work some steps, as long as there is something to do. */
  async pass(): Promise<void> {
    const { monotonic, keepMs } = this.#options;
    if (monotonic() < this.#restUntil) return;
    const before = keepMs === undefined ? undefined : this.#deps.now() - keepMs;
    const isBusy = [
      await this.#repeat(() => this.#pruneRuns(before)),
      await this.#repeat(() => this.#makeRoom()),
      await this.#repeat(() => this.#sweep()),
      before !== undefined && (await this.#repeat(() => pruneEvents(this.#deps, before, rowsPerStep))),
      before !== undefined && (await this.#repeat(() => this.#pruneLeases(before))),
      before !== undefined && (await this.#repeat(() => this.#pruneBundles(before))),
      before !== undefined && (await this.#repeat(() => this.#pruneApps(before))),
      keepMs !== undefined && (await this.#repeat(() => this.#pruneBranches(keepMs))),
    ];
    if (!isBusy.includes(true)) this.#restUntil = monotonic() + restMs;
  }

  /** Each step answers whether it did something. True: there may be more to do. */
  async #repeat(step: () => Promise<boolean>): Promise<boolean> {
    const { monotonic } = this.#options;
    for (let n = 0; n < stepsPerPass; n += 1) {
      const from = monotonic();
      if (!(await step())) return n > 0;
      await sleep(Math.max(leastPauseMs, pauseFactor * (monotonic() - from)));
    }
    return true;
  }

  async #pruneRuns(before: number | undefined): Promise<boolean> {
    const jobs = await jobsOfPrunedRuns(this.#deps, jobsPerStep);
    if (jobs.length === 0)
      return before !== undefined && (await pruneRuns(this.#deps, before, runsPerStep)) > 0;
    await Promise.all(jobs.map(({ id }) => this.#removeFiles(id)));
    await deleteJobs(this.#deps, jobs);
    return true;
  }

  async #removeFiles(jobId: string): Promise<number> {
    const { logs, artifacts } = this.#blobs;
    const freed = await Promise.all([logs.jobs.remove(jobId), artifacts.jobs.remove(jobId)]);
    return freed[0] + freed[1];
  }

  async #pruneLeases(before: number): Promise<boolean> {
    const next = await pruneLeases(this.#deps, before, this.#lease, rowsPerStep);
    this.#lease = next ?? 0;
    return next !== undefined;
  }

  #pruneBranches(keepMs: number): Promise<boolean> {
    const before = this.#deps.now() - Math.max(branchFactor * keepMs, leastBranchMs);
    return pruneBranches(this.#deps, before, rowsPerStep);
  }

  async #pruneBundles(before: number): Promise<boolean> {
    const { bundles } = this.#blobs;
    const gone = await pruneBundles(this.#deps, before, bundlesPerStep);
    for (const key of gone) {
      await bundles.inTurn(key, async () => {
        // It may have been uploaded again meanwhile.
        if (!(await findBundle(this.#deps, key))) await bundles.remove(key);
      });
    }
    return gone.length > 0;
  }

  async #pruneApps(before: number): Promise<boolean> {
    const { apps } = this.#blobs;
    const { gone, builds } = await pruneAppVersions(this.#deps, before, bundlesPerStep);
    for (const key of builds) {
      await apps.inTurn(key, async () => {
        // Another version may have the same build.
        if (!(await isBuildUsed(this.#deps, key))) await apps.remove(key);
      });
    }
    return gone > 0;
  }

  /** Deletes the files of one run's next jobs while there is too much. */
  async #makeRoom(): Promise<boolean> {
    await this.#measure();
    if (this.#over <= 0 && !this.#emptying) return false;
    if (!this.#emptying) {
      const runId = await oldestWithEvidence(this.#deps, this.#deps.now() - leastKeptMs);
      if (runId === undefined) return false;
      this.#emptying = { runId, after: 0 };
    }
    const { runId, after } = this.#emptying;
    const jobs = await forgetArtifacts(this.#deps, runId, after, jobsPerStep);
    for (const { id } of jobs) this.#over -= await this.#removeFiles(id);
    const last = jobs.at(-1);
    this.#emptying = last && { runId, after: last.seq };
    return true;
  }

  async #measure(): Promise<void> {
    const { maxBlobBytes, monotonic } = this.#options;
    if (maxBlobBytes === undefined || monotonic() < this.#measureAt) return;
    // What can be freed here: bundles and builds go by their age.
    const { logs, artifacts } = this.#blobs;
    const sizes = await Promise.all([logs.jobs, artifacts.jobs].map((store) => store.size()));
    this.#over = sizes.reduce((sum, size) => sum + size, -maxBlobBytes);
    this.#measureAt = monotonic() + measureEveryMs;
  }

  /** Deletes files that belong to no row: after a crash, or where a backup of the database was restored. */
  async #sweep(): Promise<boolean> {
    const { logs, artifacts, bundles, apps } = this.#blobs;
    const before = this.#deps.now() - sweptAfterMs;
    if (this.#toSweep.length === 0) {
      if (this.#options.monotonic() < this.#sweepAt) return false;
      this.#sweepAt = this.#options.monotonic() + sweepEveryMs;
      const ids = await Promise.all([logs.jobs.list(before), artifacts.jobs.list(before)]);
      this.#toSweep = [...new Set(ids.flat())];
      await bundles.removeUnknown(await listBundles(this.#deps), before);
      await apps.removeUnknown(await listBuilds(this.#deps), before);
    }
    const some = this.#toSweep.splice(0, rowsPerStep);
    for (const id of await findUnknownJobs(this.#deps, some)) await this.#removeFiles(id);
    return some.length > 0;
  }
}
