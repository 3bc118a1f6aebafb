/** One queue under test. It is opened in a child process of its own; servers of it are further processes. */
export interface Side {
  readonly about: {
    readonly name: string;
    readonly version: string;
    readonly durability: string;
    readonly settings: string;
  };
  /** Jobs submitted one call each, `inFlight` calls at a time. Resolves when all are acknowledged. */
  submit(jobs: number, inFlight: number): Promise<void>;
  /** Jobs submitted by one call (or as few as the peer allows). */
  submitBulk(jobs: number): Promise<void>;
  /** Works off `jobs` queued jobs with empty handlers, recommended concurrency. Resolves when the last is complete in the store. */
  drain(jobs: number): Promise<void>;
  /** `times` times: with one idle worker, submit one job; ms from the call to the start of its handler. */
  pickup(times: number): Promise<number[]>;
  /** Empties the queue between phases. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** `dir` is an empty folder of its own. Redis and PostgreSQL are given by the environment: BENCH_REDIS_URL, BENCH_POSTGRES_URL. */
export type OpenSide = (dir: string) => Promise<Side>;
