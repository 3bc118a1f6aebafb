/** One queue to measure. It is opened in a child process; its servers, if any, are further processes. */
export interface Side {
  /** For the report, which gives it the name of its entry. */
  readonly about: {
    readonly version: string;
    readonly durability: string;
    readonly settings: string;
  };
  /** Submits jobs with one call each, `inFlight` calls at a time. Resolves when all are acknowledged. */
  submit(jobs: number, inFlight: number): Promise<void>;
  /** Submits jobs with one call, or as few calls as the peer allows. */
  submitBulk(jobs: number): Promise<void>;
  /**
   * Finishes `jobs` queued jobs with empty handlers and the recommended concurrency. Resolves when all are complete in
   * the store.
   */
  drain(jobs: number): Promise<void>;
  /**
   * Submits one job to one idle worker, `times` times. Each result is the ms from the call to the start of the handler.
   */
  pickup(times: number): Promise<number[]>;
  /** Empties the queue between phases. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/**
 * `dir` is a new empty folder; a module of several sides is told the variant. The addresses of Redis and PostgreSQL are
 * in BENCH_REDIS_URL and BENCH_POSTGRES_URL.
 */
export type OpenSide = (dir: string, variant?: string) => Promise<Side>;
