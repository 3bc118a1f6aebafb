/** Sizes and times that both sides of the wire must agree on. */
export const limits = {
  /** JSON bodies above this many bytes are refused with 413. */
  jsonBodyBytes: 4 * 1024 * 1024,
  /** One append of log bytes. */
  logChunkBytes: 1024 * 1024,
  /** Log bytes kept for an attempt; the middle of a longer log is left out by the agent. */
  logBytes: 10 * 1024 * 1024,
  /** One artifact; all artifacts of a job, and how many. */
  artifactBytes: 200 * 1024 * 1024,
  artifactBytesPerJob: 500 * 1024 * 1024,
  artifactsPerJob: 200,
  artifactNameBytes: 255,
  /** A source bundle: packed, unpacked, and how many files. */
  bundleBytes: 50 * 1024 * 1024,
  bundleUnpackedBytes: 1024 * 1024 * 1024,
  bundleFiles: 100_000,
  testsPerRun: 10_000,
  testPathLength: 512,
  /** Test cases that one verdict lists; its `report` counts them all. */
  testsPerReport: 5000,
  /** The server holds a long poll at most this long. */
  longPollMs: 25_000,
  /** Jobs that one answer of `GET /v1/runs/:id` holds. */
  jobsPerAnswer: 500,
  pageSize: 50,
  maxPageSize: 500,
  maxDelayMs: 30 * 24 * 3_600_000,
  /** Jobs that one lease holds at most. */
  jobsPerLease: 16,
  /** Verdicts that one call of `POST /v1/leases/:id/finish` brings at most. */
  verdictsPerCall: 64,
} as const;

/** Values that hold when a submit says nothing. Durations in ms. */
export const submitDefaults = {
  target: 'emulator',
  priority: 5,
  maxRetries: 3,
  retryFailedTests: 1,
  timeoutMs: 15 * 60_000,
  queueTimeoutMs: 24 * 3_600_000,
  /** The same for a target that no device has ever offered. */
  unofferedTimeoutMs: 15 * 60_000,
} as const;
