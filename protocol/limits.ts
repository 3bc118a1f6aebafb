/** Sizes and times on which server, agents and clients must agree. */
export const limits = {
  /** JSON bodies above this many bytes are refused with 413. */
  jsonBodyBytes: 4 * 1024 * 1024,
  /** Bytes of JSON that tell what a run came to, for programs that read little at once. */
  explanationBytes: 4096,
  /** Bytes in one append to a log. */
  logChunkBytes: 1024 * 1024,
  /** Log bytes of an attempt; the agent leaves out the middle of a longer log. */
  logBytes: 10 * 1024 * 1024,
  /** Bytes of one artifact, bytes of all artifacts of a job, and how many it may have. */
  artifactBytes: 200 * 1024 * 1024,
  artifactBytesPerJob: 500 * 1024 * 1024,
  artifactsPerJob: 200,
  artifactNameBytes: 255,
  /** A source bundle: packed, unpacked, and how many files. */
  bundleBytes: 50 * 1024 * 1024,
  bundleUnpackedBytes: 1024 * 1024 * 1024,
  bundleFiles: 100_000,
  /** The build of an app: an APK, an App Bundle or an IPA. */
  appBytes: 4 * 1024 * 1024 * 1024,
  /** Characters of a token, at most; those of this version have about 150. */
  tokenLength: 512,
  testsPerRun: 10_000,
  /** How long a device is borrowed at most, from now on. */
  borrowMinutes: 480,
  /** How often a hunt executes its test at most. */
  huntTimes: 1000,
  testPathLength: 512,
  /** Test cases that one verdict lists; its `report` counts them all. */
  testsPerReport: 5000,
  /** Characters of the id that a framework gives a test, and how many such ids say what a next attempt has to run. */
  testIdLength: 200,
  testIdsPerRetry: 10_000,
  /** The longest `wait_ms` of a long poll. */
  longPollMs: 25_000,
  /** Jobs in one answer of `GET /v1/runs/:id`, at most. */
  jobsPerAnswer: 500,
  webhooksPerOrg: 20,
  /** Tests in quarantine at a time, and how long one may be at most. */
  quarantinesPerOrg: 1000,
  quarantineDays: 90,
  pageSize: 50,
  maxPageSize: 500,
  maxDelayMs: 30 * 24 * 3_600_000,
  /** Jobs in one lease, at most. */
  jobsPerLease: 16,
  /** Verdicts in one call of `POST /v1/leases/:id/finish`, at most. */
  verdictsPerCall: 64,
} as const;

/** What a submit gets where it says nothing. */
export const submitDefaults = {
  target: 'emulator',
  priority: 5,
  maxRetries: 3,
  retryFailedTests: 1,
  timeoutMs: 15 * 60_000,
  queueTimeoutMs: 24 * 3_600_000,
  /** The queue timeout for a target that no device has ever offered. */
  unofferedTimeoutMs: 15 * 60_000,
} as const;
