import type { Blobs } from '../blobs/open-blobs.ts';
import { forgetArtifacts, oldestWithEvidence } from '../queue/retention/index.ts';
import { claimWork } from '../queue/store/claim-work.ts';
import type { Deps } from '../queue/store/deps.ts';
import { removeFiles } from './remove-files.ts';

export interface RoomMakerParts {
  readonly deps: Deps;
  readonly blobs: Blobs;
  /** Of logs and artifacts together; undefined: no limit. */
  readonly maxBlobBytes: number | undefined;
  /** Monotonic, in ms. */
  readonly monotonic: () => number;
  /** This process, among all servers of the database. */
  readonly holder: string;
}

const jobsPerStep = 20;
const claimMs = 15 * 60_000;
/** Well before its claim ends, so that never two servers make room for the same bytes. */
const measureEveryMs = 10 * 60_000;
/** Logs and artifacts of a run are kept at least so long after its end, whatever they take: uploads may still come. */
const leastKeptMs = 3_600_000;

/** Deletes the logs and artifacts of the oldest runs while all of them take too much. */
export class RoomMaker {
  readonly #parts: RoomMakerParts;
  #measureAt = 0;
  /** Bytes above the limit, as far as they were not freed since they were measured. */
  #over = 0;
  /** The run whose files are being deleted, and its last job that is done. */
  #emptying: { readonly runId: string; readonly after: number } | undefined;

  constructor(parts: RoomMakerParts) {
    this.#parts = parts;
  }

  /** Deletes the files of one run's next jobs while there is too much. False: nothing to do. */
  async step(): Promise<boolean> {
    const { deps, blobs } = this.#parts;
    await this.#measure();
    if (this.#over <= 0 && !this.#emptying) return false;
    if (!this.#emptying) {
      const runId = await oldestWithEvidence(deps, deps.now() - leastKeptMs);
      if (runId === undefined) return false;
      this.#emptying = { runId, after: 0 };
    }
    const { runId, after } = this.#emptying;
    const jobs = await forgetArtifacts(deps, runId, after, jobsPerStep);
    for (const { id } of jobs) this.#over -= await removeFiles(blobs, id);
    const last = jobs.at(-1);
    this.#emptying = last && { runId, after: last.seq };
    return true;
  }

  async #measure(): Promise<void> {
    const { deps, blobs, holder, maxBlobBytes, monotonic } = this.#parts;
    if (maxBlobBytes === undefined || monotonic() < this.#measureAt) return;
    this.#measureAt = monotonic() + measureEveryMs;
    if (!(await claimWork(deps, { name: 'make_room', holder, forMs: claimMs }))) {
      this.#over = 0;
      this.#emptying = undefined;
      return;
    }
    // What can be freed here: bundles and builds go by their age.
    const { logs, artifacts } = blobs;
    const sizes = await Promise.all([logs.jobs, artifacts.jobs].map((store) => store.size()));
    this.#over = sizes.reduce((sum, size) => sum + size, -maxBlobBytes);
  }
}
