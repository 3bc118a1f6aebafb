import type { ContentKey, ContentStore } from '../blobs/content-store.ts';
import type { Blobs } from '../blobs/open-blobs.ts';
import { findUnknownArtifacts, findUnknownJobs } from '../queue/retention/index.ts';
import { pruneMarks } from '../queue/store/blob-marks.ts';
import { claimWork } from '../queue/store/claim-work.ts';
import type { Deps } from '../queue/store/deps.ts';
import { listBuilds, listBundles } from '../queue/submit/index.ts';
import { deleteNames } from './delete-content.ts';
import { removeFiles } from './remove-files.ts';

export interface SweeperParts {
  readonly deps: Deps;
  readonly blobs: Blobs;
  /** Monotonic, in ms. */
  readonly monotonic: () => number;
  /** This process, among all servers of the database. */
  readonly holder: string;
}

const firstAfterMs = 10 * 60_000;
const sweepEveryMs = 24 * 3_600_000;
/** A server that had not its turn looks again so soon whether the one that has is gone. */
const lookEveryMs = 3_600_000;
/** Files that are this new are not swept: an upload writes its file before its row. */
const sweptAfterMs = 24 * 3_600_000;
const idsPerStep = 500;
/** Few enough that a claim on them lasts. */
const namesPerStep = 100;

/** Deletes files that belong to no row: of uploads that were not completed, after a crash, where a backup was restored. */
export class Sweeper {
  readonly #parts: SweeperParts;
  #sweepAt: number;
  /** What is left of the sweep that is under way: each step does something. */
  #steps: AsyncGenerator<void> | undefined;

  constructor(parts: SweeperParts) {
    this.#parts = parts;
    // Not at the start: a server has other things to do then.
    this.#sweepAt = parts.monotonic() + firstAfterMs;
  }

  /** Does a part of a sweep. False: none is due. */
  async step(): Promise<boolean> {
    this.#steps ??= await this.#begin();
    if (!this.#steps) return false;
    try {
      const { done = false } = await this.#steps.next();
      if (done) this.#steps = undefined;
      return !done;
    } catch (error) {
      this.#steps = undefined;
      throw error;
    }
  }

  async #begin(): Promise<AsyncGenerator<void> | undefined> {
    const { deps, holder, monotonic } = this.#parts;
    if (monotonic() < this.#sweepAt) return undefined;
    const isOurs = await claimWork(deps, { name: 'sweep_blobs', holder, forMs: sweepEveryMs });
    this.#sweepAt = monotonic() + (isOurs ? sweepEveryMs : lookEveryMs);
    return isOurs ? this.#sweep(deps.now() - sweptAfterMs) : undefined;
  }

  async *#sweep(before: number): AsyncGenerator<void> {
    const { deps, blobs } = this.#parts;
    const { bundles, apps } = blobs;
    yield* this.#sweepJobs(before);
    yield* this.#sweepArtifacts(before);
    yield* this.#sweepContent(bundles, before, () => listBundles(deps));
    yield* this.#sweepContent(apps, before, () => listBuilds(deps));
    await pruneMarks(deps);
  }

  async *#sweepJobs(before: number): AsyncGenerator<void> {
    const { deps, blobs } = this.#parts;
    const lists = await Promise.all([blobs.logs.jobs.list(before), blobs.artifacts.jobs.list(before)]);
    const ids = [...new Set(lists.flat())];
    for (let at = 0; at < ids.length; at += idsPerStep) {
      const unknown = await findUnknownJobs(deps, ids.slice(at, at + idsPerStep));
      for (const id of unknown) await removeFiles(blobs, id, before);
      yield;
    }
  }

  /** Those of jobs that are there. */
  async *#sweepArtifacts(before: number): AsyncGenerator<void> {
    const { deps, blobs } = this.#parts;
    for await (const keys of blobs.artifacts.listOld(before)) {
      const ids = keys.map(({ artifactId }) => artifactId);
      const unknown = await findUnknownArtifacts(deps, ids);
      for (const key of keys) if (unknown.has(key.artifactId)) await blobs.artifacts.remove(key);
      yield;
    }
  }

  async *#sweepContent(
    store: ContentStore,
    before: number,
    list: () => Promise<readonly ContentKey[]>,
  ): AsyncGenerator<void> {
    const unused = async (names: readonly string[]): Promise<string[]> => {
      const known = new Set((await list()).map((key) => store.nameOf(key)));
      return names.filter((name) => !known.has(name));
    };
    for await (const old of store.listOld(before)) {
      const names = await unused(old);
      for (let at = 0; at < names.length; at += namesPerStep)
        await deleteNames(this.#parts.deps, store, names.slice(at, at + namesPerStep), unused);
      yield;
    }
  }
}
