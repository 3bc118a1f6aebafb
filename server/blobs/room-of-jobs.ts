import { QgjobError } from '../../protocol/errors.ts';

/** Bytes of one file; bytes and number of all files of a job. */
interface JobLimits {
  readonly fileBytes: number;
  readonly jobBytes: number;
  readonly jobFiles: number;
}

/** An upload that asks for room. */
export interface Asking {
  readonly job: string;
  /** The same again is the same upload. */
  readonly id: string;
  /** Which file of the job it brings. */
  readonly file: string;
  /** As declared; one that declares none takes room as its bytes come. */
  readonly size: number | undefined;
}

/** What uploads under way have of a job's room for one of its files. */
export interface HeldFile {
  readonly file: string;
  readonly bytes: number;
}

/** The upload to a signed address, by the clock. */
interface Plan {
  readonly artifactId: string;
  /** Until then who asks again gets the same artifact. */
  readonly sameUntil: number;
  /** Then its room is free again. */
  readonly until: number;
}

/** What an upload has of its job's room: while calls are at it, and as long as its plan is good. */
interface Held {
  readonly file: string;
  bytes: number;
  calls: number;
  /** One of the calls brings bytes through the server. */
  isSending: boolean;
  plan?: Plan;
}

/** The room of one upload. */
export interface Taken {
  /** What the other uploads under way leave the job. */
  readonly limits: JobLimits;
  /** Those others. Where one has its row already, at this server or another, its bytes are not to be counted twice. */
  readonly others: readonly HeldFile[];
  /** The bytes as they come, each of which takes room. Errors: `too_large`. */
  count(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** Keeps the room for the upload to an address; answers its artifact, which is the same where it is asked for again. */
  keepFor(artifactId: string): string;
}

/** Longer than an address is good for; half as long as an artifact id is, so that one that was asked for again still can be completed. */
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

  /**
   * The work of an upload through the server. One that was planned goes on in the room of its plan, which ends with it; where
   * it fails the plan keeps its room, since bytes may still come to its address.
   */
  async during<T>(asking: Asking, work: (room: Taken) => Promise<T>): Promise<T> {
    const { job, id } = asking;
    this.#uploads += 1;
    // Several may bring the same file at once: each brings its own bytes.
    const isSent = this.#jobs.get(job)?.get(id)?.isSending ?? false;
    const own = isSent ? `upload ${this.#uploads}` : id;
    return this.#at({ ...asking, id: own }, async (held, room) => {
      held.isSending = true;
      try {
        const done = await work(room);
        this.leave(asking);
        return done;
      } finally {
        held.isSending = false;
      }
    });
  }

  /** The plan of an upload to a signed address, which has its room until it leaves. */
  plan<T>(asking: Asking, work: (room: Taken) => Promise<T>): Promise<T> {
    return this.#at(asking, (_, room) => work(room));
  }

  /** Ends the plan of an upload, whose row is written. */
  leave({ job, id }: Pick<Asking, 'job' | 'id'>): void {
    delete this.#jobs.get(job)?.get(id)?.plan;
    this.#drop(job, id);
  }

  /** Does a call in the room of its upload. */
  async #at<T>(asking: Asking, work: (own: Held, room: Taken) => Promise<T>): Promise<T> {
    const held = this.#heldOf(asking.job);
    const own = this.#enter(held, asking);
    own.calls += 1;
    try {
      return await work(own, this.#taken(held, own, asking.size === undefined));
    } finally {
      own.calls -= 1;
      this.#drop(asking.job, asking.id);
    }
  }

  #heldOf(job: string): Map<string, Held> {
    this.#forgetOld();
    const held = this.#jobs.get(job) ?? new Map<string, Held>();
    this.#jobs.delete(job);
    this.#jobs.set(job, held);
    return held;
  }

  /** Asked for again with another size an upload has the room of the largest. */
  #enter(held: Map<string, Held>, { id, file, size = 0 }: Asking): Held {
    const known = held.get(id);
    const own = known && this.#isLive(known) ? known : { file, bytes: 0, calls: 0, isSending: false };
    // What declares more than a file may have is refused.
    own.bytes = Math.max(own.bytes, Math.min(size, this.#limits.fileBytes));
    held.set(id, own);
    return own;
  }

  #taken(held: Map<string, Held>, own: Held, isCounted: boolean): Taken {
    const others = this.#live(held).filter((one) => one !== own);
    return {
      limits: {
        ...this.#limits,
        jobBytes: this.#limits.jobBytes - bytesOf(others),
        jobFiles: this.#limits.jobFiles - others.length,
      },
      others: others.map(({ file, bytes }) => ({ file, bytes })),
      count: (chunks) => (isCounted ? this.#count(chunks, held, own) : chunks),
      keepFor: (artifactId) => {
        const until = this.#now() + plannedMs;
        const same = own.plan && own.plan.sameUntil > this.#now() ? own.plan : undefined;
        own.plan = { ...(same ?? { artifactId, sameUntil: until }), until };
        return own.plan.artifactId;
      },
    };
  }

  async *#count(chunks: AsyncIterable<Uint8Array>, held: Map<string, Held>, own: Held) {
    let came = 0;
    for await (const chunk of chunks) {
      came += chunk.length;
      own.bytes = Math.max(own.bytes, came);
      if (bytesOf(this.#live(held)) > this.#limits.jobBytes) throw noRoom(this.#limits);
      yield chunk;
    }
  }

  #isLive = ({ calls, plan }: Held): boolean => calls > 0 || (plan !== undefined && plan.until > this.#now());

  #live = (held: Map<string, Held>): Held[] => [...held.values()].filter((one) => this.#isLive(one));

  #drop(job: string, id: string): void {
    const held = this.#jobs.get(job);
    const one = held?.get(id);
    if (one && one.calls === 0 && !one.plan) held?.delete(id);
    if (held?.size === 0) this.#jobs.delete(job);
  }

  #forgetOld(): void {
    for (const [job, held] of this.#jobs) {
      if (this.#live(held).length > 0) return;
      this.#jobs.delete(job);
    }
  }
}

const bytesOf = (held: readonly HeldFile[]): number => held.reduce((sum, { bytes }) => sum + bytes, 0);

const noRoom = ({ jobBytes }: JobLimits): QgjobError =>
  new QgjobError(
    'too_large',
    `the uploads of this job that are under way have more than the ${jobBytes} bytes of a job together; send them one after the other`,
  );
