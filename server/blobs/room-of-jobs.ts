import { QgjobError } from '../../protocol/errors.ts';

/** Bytes of one file; bytes and number of all files of a job. */
interface JobLimits {
  readonly fileBytes: number;
  readonly jobBytes: number;
  readonly jobFiles: number;
}

/** What an upload has of its job's room. */
interface Held {
  bytes: number;
  /** Of the clock; then it is free again. */
  readonly until: number;
  artifactId?: string;
}

/** The room of one upload. */
export interface Taken {
  /** What the other uploads under way leave the job. */
  readonly limits: JobLimits;
  /** The bytes as they come, each of which takes room. Errors: `too_large`. */
  count(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** Keeps the room for the upload to an address; answers its artifact, which is the same where it is asked for again. */
  keepFor(artifactId: string): string;
}

/** Less than an address and its artifact id are good for. */
const plannedMs = 6 * 3_600_000;

/**
 * Bytes and number of the files of each job that uploads under way may still bring, so that many at once cannot bring more than
 * the job may have. Each server counts its own; the sum of what has come is checked as each row is written.
 */
export class RoomOfJobs {
  readonly #limits: JobLimits;
  readonly #now: () => number;
  /** Those that were asked for last stand last. */
  readonly #jobs = new Map<string, Map<string, Held>>();
  #uploads = 0;

  /** `now`: ms, of any clock that does not go back. */
  constructor(limits: JobLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
  }

  /** The work of an upload through the server. `size`: as declared; one that declares none takes room as its bytes come. */
  async during<T>(job: string, size: number | undefined, work: (room: Taken) => Promise<T>): Promise<T> {
    this.#uploads += 1;
    const id = `upload ${this.#uploads}`;
    try {
      return await work(this.#take(job, id, size, Number.POSITIVE_INFINITY));
    } finally {
      this.leave(job, id);
    }
  }

  /** The plan of an upload to a signed address, which has its room until it leaves; the same `id` again is the same upload. */
  async plan<T>(job: string, id: string, size: number, work: (room: Taken) => Promise<T>): Promise<T> {
    try {
      return await work(this.#take(job, id, size, this.#now() + plannedMs));
    } finally {
      if (this.#jobs.get(job)?.get(id)?.artifactId === undefined) this.leave(job, id);
    }
  }

  leave(job: string, id: string): void {
    const held = this.#jobs.get(job);
    held?.delete(id);
    if (held?.size === 0) this.#jobs.delete(job);
  }

  #take(job: string, id: string, size: number | undefined, until: number): Taken {
    this.#forgetOld();
    const held = this.#jobs.get(job) ?? new Map<string, Held>();
    this.#jobs.delete(job);
    this.#jobs.set(job, held);
    // What declares more than a file may have is refused.
    const own = held.get(id) ?? { bytes: Math.min(size ?? 0, this.#limits.fileBytes), until };
    held.set(id, own);
    const others = this.#live(held).filter((one) => one !== own);
    const isCounted = size === undefined;
    return {
      limits: {
        ...this.#limits,
        jobBytes: this.#limits.jobBytes - bytesOf(others),
        jobFiles: this.#limits.jobFiles - others.length,
      },
      count: (chunks) => (isCounted ? this.#count(chunks, held, own) : chunks),
      keepFor(artifactId) {
        own.artifactId ??= artifactId;
        return own.artifactId;
      },
    };
  }

  async *#count(chunks: AsyncIterable<Uint8Array>, held: Map<string, Held>, own: Held) {
    for await (const chunk of chunks) {
      own.bytes += chunk.length;
      if (bytesOf(this.#live(held)) > this.#limits.jobBytes) throw noRoom(this.#limits);
      yield chunk;
    }
  }

  #live(held: Map<string, Held>): Held[] {
    return [...held.values()].filter(({ until }) => until > this.#now());
  }

  #forgetOld(): void {
    for (const [job, held] of this.#jobs) {
      if (this.#live(held).length > 0) return;
      this.#jobs.delete(job);
    }
  }
}

const bytesOf = (held: readonly Held[]): number => held.reduce((sum, { bytes }) => sum + bytes, 0);

const noRoom = ({ jobBytes }: JobLimits): QgjobError =>
  new QgjobError(
    'too_large',
    `the uploads of this job that are under way have more than the ${jobBytes} bytes of a job together; send them one after the other`,
  );
