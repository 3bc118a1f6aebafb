import { lstat } from 'node:fs/promises';
import { type FoundFile, type FoundFiles, findFiles, type LeftOut } from './find-files.ts';

/** Files that Playwright still writes to, or forgot when its worker was killed. */
const unfinished = /(^|\/)\.playwright-artifacts-\d+\//;

/**
 * Which files in the folder of a process that runs one test file after the other belong to which of them: the one that ran,
 * or had run last, when a file was written for the last time, unless its name says it. Each file is answered once.
 */
export class ProcessFiles {
  readonly #folder: string;
  readonly #byName: (name: string) => string | undefined;
  /** Which test file ran from when on. Epoch ms, by the clock of this host. */
  readonly #runs: { readonly from: number; readonly testPath: string }[] = [];
  readonly #taken = new Set<string>();
  #turn: Promise<unknown> = Promise.resolve();

  /** `folder`: absolute. */
  constructor(folder: string, byName: (name: string) => string | undefined = () => undefined) {
    this.#folder = folder;
    this.#byName = byName;
  }

  /** A test of this file runs from `from` on. */
  runs(testPath: string, from: number): void {
    if (this.#runs.at(-1)?.testPath !== testPath) this.#runs.push({ from, testPath });
  }

  /** What is there of a test file that has ended. */
  take(testPath: string): Promise<FoundFiles> {
    return this.#inTurn(() =>
      this.#find((file, owner) => owner === testPath && !unfinished.test(file.name), []),
    );
  }

  /** What nobody has taken when the process has ended, by test file; undefined: it ran none when that was written. */
  takeRest(): Promise<ReadonlyMap<string | undefined, FoundFiles>> {
    return this.#inTurn(async () => {
      const found = await findFiles(this.#folder);
      const named = found.files.map(({ name }) => this.#byName(name));
      const owners = new Set([undefined, ...this.#runs.map(({ testPath }) => testPath), ...named]);
      const rest = new Map<string | undefined, FoundFiles>();
      for (const owner of owners) {
        // What is no artifact, like a link, is said once.
        const leftOut = owner === this.#runs.at(-1)?.testPath ? found.leftOut : [];
        const files = await this.#find((_file, of) => of === owner, leftOut);
        if (files.files.length > 0 || leftOut.length > 0) rest.set(owner, files);
      }
      return rest;
    });
  }

  /** One after the other, so that each file is taken once. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #find(
    isWanted: (file: FoundFile, owner: string | undefined) => boolean,
    leftOut: readonly LeftOut[],
  ): Promise<FoundFiles> {
    const { folder, files } = await findFiles(this.#folder);
    const wanted: FoundFile[] = [];
    for (const file of files) {
      if (this.#taken.has(file.name) || !isWanted(file, await this.#ownerOf(file))) continue;
      this.#taken.add(file.name);
      wanted.push(file);
    }
    return { folder, files: wanted, leftOut };
  }

  /** By the time of the last change, which a rename sets too and no program can set back. */
  async #ownerOf({ path, name }: FoundFile): Promise<string | undefined> {
    const named = this.#byName(name);
    if (named !== undefined) return named;
    const changed = (await lstat(path).catch(() => undefined))?.ctimeMs ?? 0;
    return this.#runs.findLast(({ from }) => from <= changed)?.testPath;
  }
}
