import { Turns } from '../../client/turns.ts';
import { oneLine } from '../../protocol/clean-text.ts';
import { type ErrorCode, QgjobError } from '../../protocol/errors.ts';
import { formatBytes } from '../../protocol/sizes.ts';
import type { Masks } from '../logs/masks.ts';
import type { Timing } from '../timing.ts';
import { attemptLimits, chooseFiles, type FileToSend } from './choose-files.ts';
import type { FoundFiles, LeftOut } from './find-files.ts';
import { type UploadTarget, uploadFile } from './upload-file.ts';

/** An attempt that has ended, and what its verdict did not wait for. */
export interface EndedAttempt extends UploadTarget {
  /** For messages about it. */
  readonly testPath: string;
  /** Adds a line to the log of the attempt. */
  note(line: string): Promise<void>;
}

export interface EvidenceParts {
  readonly masks: Masks;
  readonly timing: Pick<Timing, 'evidenceMs' | 'stallMs'>;
  readonly say: (line: string) => void;
  /** Monotonic, in ms. */
  readonly now: () => number;
}

/** Files that are uploaded at once, of all devices together. */
const atOnce = 4;
/** Files that wait for a slow line fill the disk of the host: beyond this many bytes the next ones are left out. */
const mostWaitingBytes = 4 * 2 ** 30;

/**
 * The files of ended attempts on their way to the server, in the background: no verdict and no next test waits for them.
 * What cannot be uploaded is said in the log of its attempt and on the terminal of the agent.
 */
export class EvidenceUploads {
  readonly #parts: EvidenceParts;
  readonly #turns = new Turns(atOnce);
  readonly #over = new AbortController();
  /** What is under way, by lease. */
  readonly #open = new Map<string, Set<Promise<void>>>();
  readonly #waiting = { files: 0, bytes: 0 };

  constructor(parts: EvidenceParts) {
    this.#parts = parts;
  }

  /** Uploads the files that `find` finds. They must stay where they are until `afterLease` of the lease. */
  keep(attempt: EndedAttempt, find: () => Promise<FoundFiles>): void {
    this.#track(
      attempt.ref.leaseId,
      this.#send(attempt, find).catch((error: Error) =>
        this.#parts.say(`${attempt.testPath}: its artifacts are not uploaded: ${error.message}`),
      ),
    );
  }

  /** Calls `then` once nothing of a lease is under way. It must not throw. */
  afterLease(leaseId: string, then: () => Promise<void>): void {
    const open = [...(this.#open.get(leaseId) ?? [])];
    this.#track(leaseId, Promise.all(open).then(then));
  }

  /** Waits until nothing is under way, or until `enough`; then gives up the rest and says what that is. */
  async end(enough: AbortSignal): Promise<void> {
    const giveUp = (): void => {
      if (this.#over.signal.aborted || this.#waiting.files === 0) return;
      const { files, bytes } = this.#waiting;
      this.#parts.say(`artifacts that are not uploaded: ${files}, ${formatBytes(bytes)}; the agent ends`);
      this.#over.abort();
    };
    enough.addEventListener('abort', giveUp);
    if (enough.aborted) giveUp();
    while (this.#open.size > 0) await Promise.all([...this.#open.values()].flatMap((all) => [...all]));
    enough.removeEventListener('abort', giveUp);
  }

  #track(leaseId: string, work: Promise<void>): void {
    const all = this.#open.get(leaseId) ?? new Set();
    this.#open.set(leaseId, all.add(work));
    void work.finally(() => {
      all.delete(work);
      if (all.size === 0) this.#open.delete(leaseId);
    });
  }

  async #send(attempt: EndedAttempt, find: () => Promise<FoundFiles>): Promise<void> {
    const until = this.#parts.now() + this.#parts.timing.evidenceMs;
    const { files, leftOut } = await this.#choose(await find());
    const failed = await this.#upload(attempt, files, until);
    if (this.#over.signal.aborted) return;
    const all = [...leftOut, ...failed];
    if (all.length === 0) return;
    const line = this.#parts.masks.redact(oneLine(`left out of the artifacts: ${inWords(all)}`));
    this.#parts.say(`${attempt.testPath}: ${line}`);
    await attempt.note(line);
  }

  async #choose(found: FoundFiles): ReturnType<typeof chooseFiles> {
    const room = mostWaitingBytes - this.#waiting.bytes;
    const most = { ...attemptLimits, bytes: Math.min(attemptLimits.bytes, Math.max(0, room)) };
    return chooseFiles(found, most);
  }

  async #upload(attempt: EndedAttempt, files: readonly FileToSend[], until: number): Promise<LeftOut[]> {
    for (const { size } of files) this.#count(1, size);
    const attempted = new AbortController();
    const signal = AbortSignal.any([this.#over.signal, attempted.signal]);
    const ends = await Promise.all(
      files.map((file) =>
        this.#turns.run(async () => {
          const error = await this.#uploadOne(attempt, file, until, signal);
          if (error instanceof QgjobError && endsAll.includes(error.code)) attempted.abort(error);
          if (!this.#over.signal.aborted) this.#count(-1, -file.size);
          return error && { name: file.name, why: oneLine(error.message) };
        }),
      ),
    );
    return ends.filter((one) => one !== undefined);
  }

  async #uploadOne(
    attempt: EndedAttempt,
    file: FileToSend,
    until: number,
    signal: AbortSignal,
  ): Promise<Error | undefined> {
    const { masks, timing, now } = this.#parts;
    try {
      signal.throwIfAborted();
      const artifact = masks.redact(file.artifact);
      const forMs = Math.max(0, until - now());
      await uploadFile(attempt, { ...file, artifact }, { masks, timing, forMs, signal });
      return undefined;
    } catch (error) {
      return error as Error;
    }
  }

  #count(files: number, bytes: number): void {
    this.#waiting.files += files;
    this.#waiting.bytes += bytes;
  }
}

/** The server takes nothing more of this attempt. */
const endsAll: readonly ErrorCode[] = ['lease_lost', 'unauthorized', 'forbidden', 'not_found'];

const namesShown = 5;

/** `a.log (a link), b.log and 3 more (gone)`: those with the same reason together. */
function inWords(all: readonly LeftOut[]): string {
  const parts = [...Map.groupBy(all, ({ why }) => why)].map(([why, some]) => {
    const names = some.slice(0, namesShown).map(({ name }) => name);
    const more = some.length - names.length;
    return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''} (${why})`;
  });
  return parts.slice(0, namesShown).join('; ');
}
