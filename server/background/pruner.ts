import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Blobs } from '../blobs/open-blobs.ts';
import {
  deleteJobs,
  jobsOfPrunedRuns,
  pruneAppVersions,
  pruneAudit,
  pruneBorrows,
  pruneBranches,
  pruneBundles,
  pruneEvents,
  pruneLeases,
  pruneRuns,
  pruneSessions,
} from '../queue/retention/index.ts';
import type { Deps } from '../queue/store/deps.ts';
import { findBundle, isBuildUsed } from '../queue/submit/index.ts';
import { deleteContent } from './delete-content.ts';
import { removeFiles } from './remove-files.ts';
import { RoomMaker } from './room-maker.ts';
import { Sweeper } from './sweeper.ts';
import { UnusedPruner } from './unused-pruner.ts';

export interface PrunerOptions {
  /** How long finished runs are kept; undefined: for ever. In ms. */
  readonly keepMs: number | undefined;
  /** How long lines of the audit log are kept; undefined: for ever. In ms. */
  readonly keepAuditMs?: number | undefined;
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
/** So many times longer than a step took is the pause after it; but where the whole host is slow, what comes in is not to outrun it. */
const pauseFactor = 4;
const mostPauseMs = 500;
/** How long nothing is looked for once nothing is left. */
const restMs = 60_000;
/** What failed on a branch is kept longer than its runs, so many times, and at least so long. */
const branchFactor = 3;
const leastBranchMs = 90 * 24 * 3_600_000;
/** How long sessions of browsers are kept after their time. */
const sessionKeptMs = 24 * 3_600_000;

/** Deletes what is too old, and what takes too much room, a little in each pass. */
export class Pruner {
  readonly #deps: Deps;
  readonly #blobs: Blobs;
  readonly #options: PrunerOptions;
  readonly #roomMaker: RoomMaker;
  readonly #sweeper: Sweeper;
  readonly #unused: UnusedPruner;
  #restUntil = 0;
  /** Where the next look at leases begins. */
  #lease = 0;

  constructor(deps: Deps, blobs: Blobs, options: PrunerOptions) {
    this.#deps = deps;
    this.#blobs = blobs;
    this.#options = options;
    const parts = { ...options, deps, blobs, holder: randomUUID() };
    this.#roomMaker = new RoomMaker(parts);
    this.#sweeper = new Sweeper(parts);
    this.#unused = new UnusedPruner(parts);
  }

  /** One pass: of each kind of work some steps, as long as there is something to do. */
  async pass(): Promise<void> {
    const { monotonic, keepMs, keepAuditMs } = this.#options;
    if (monotonic() < this.#restUntil) return;
    const before = keepMs === undefined ? undefined : this.#deps.now() - keepMs;
    const kinds: (() => Promise<boolean>)[] = [
      () => this.#pruneRuns(before),
      () => this.#roomMaker.step(),
      () => this.#sweeper.step(),
      () => this.#unused.step(),
      () => pruneSessions(this.#deps, this.#deps.now() - sessionKeptMs, rowsPerStep),
    ];
    if (before !== undefined) {
      kinds.push(
        () => pruneEvents(this.#deps, before, rowsPerStep),
        () => this.#pruneLeases(before),
        () => pruneBorrows(this.#deps, before, rowsPerStep),
        () => this.#pruneBundles(before),
        () => this.#pruneApps(before),
      );
    }
    if (keepMs !== undefined) kinds.push(() => this.#pruneBranches(keepMs));
    if (keepAuditMs !== undefined)
      kinds.push(() => pruneAudit(this.#deps, this.#deps.now() - keepAuditMs, rowsPerStep));
    const ends: PromiseSettledResult<boolean>[] = [];
    // What cannot be done of one kind keeps no other back: it is told once all had their turn.
    for (const step of kinds) ends.push(...(await Promise.allSettled([this.#repeat(step)])));
    throwFirst(ends);
    const isBusy = ends.map((end) => end.status === 'fulfilled' && end.value);
    if (!isBusy.includes(true)) this.#restUntil = monotonic() + restMs;
  }

  /** Each step answers whether it did something. True: there may be more to do. */
  async #repeat(step: () => Promise<boolean>): Promise<boolean> {
    const { monotonic } = this.#options;
    for (let n = 0; n < stepsPerPass; n += 1) {
      const from = monotonic();
      if (!(await step())) return n > 0;
      await sleep(Math.min(mostPauseMs, Math.max(leastPauseMs, pauseFactor * (monotonic() - from))));
    }
    return true;
  }

  async #pruneRuns(before: number | undefined): Promise<boolean> {
    const jobs = await jobsOfPrunedRuns(this.#deps, jobsPerStep);
    if (jobs.length === 0)
      return before !== undefined && (await pruneRuns(this.#deps, before, runsPerStep)) > 0;
    const ends = await Promise.allSettled(jobs.map(({ id }) => removeFiles(this.#blobs, id)));
    // The row of a job stays as long as its files: by it they are found again.
    await deleteJobs(
      this.#deps,
      jobs.filter((_, n) => ends[n]?.status === 'fulfilled'),
    );
    throwFirst(ends);
    return true;
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
    const gone = await pruneBundles(this.#deps, before, bundlesPerStep);
    // It may be uploaded again meanwhile.
    await deleteContent(
      this.#deps,
      this.#blobs.bundles,
      gone,
      async (key) => !!(await findBundle(this.#deps, key)),
    );
    return gone.length > 0;
  }

  async #pruneApps(before: number): Promise<boolean> {
    const { gone, builds } = await pruneAppVersions(this.#deps, before, bundlesPerStep);
    // Another version may have the same build.
    await deleteContent(this.#deps, this.#blobs.apps, builds, (key) => isBuildUsed(this.#deps, key));
    return gone > 0;
  }
}

function throwFirst(ends: readonly PromiseSettledResult<unknown>[]): void {
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
}
