import { submitDefaults } from '../../../protocol/limits.ts';
import type { JobRow, RunRow } from '../store/rows.ts';
import type { NewRun } from './new-run.ts';

/** The jobs of one run on one target, in its first job and their sums. */
export interface NewBatch {
  readonly run: RunRow;
  readonly first: JobRow;
  readonly sourceHash: string;
  readonly isGuessed: boolean;
  /** No device has ever offered the target, and the jobs wait a short time only. */
  readonly isNeverOffered: boolean;
  /** Each of its jobs gets a lease of its own. */
  readonly isLone: boolean;
  /** Number and predicted work (ms) of the jobs. */
  readonly n: number;
  readonly ms: number;
}

/** The first revs that one write of submits gives. */
export interface Revs {
  /** Of the first job; the next jobs of all runs follow in order. */
  readonly jobs: number;
  /** Of the first batch's event; the next batches of all runs follow in order. */
  readonly batches: number;
}

/** The revs that `insertRuns` has given, from the `seq` that it answered. */
export function revsOf(all: readonly NewRun[], seq: number): Revs {
  const batches = all.flatMap(batchesOf).length;
  const jobs = all.reduce((sum, one) => sum + one.jobs.length, 0);
  return { jobs: seq - batches - jobs + 1, batches: seq - batches + 1 };
}

/** One batch for each target of the run. */
export function batchesOf({ run, jobs, sourceHash, isGuessed, neverOffered, isLone }: NewRun): NewBatch[] {
  const byTarget = Map.groupBy(jobs, (job) => job.target);
  return [...byTarget.values()].flatMap((own) => {
    const [first] = own;
    const ms = own.reduce((sum, job) => sum + job.estimateMs, 0);
    if (!first) return [];
    const isNeverOffered = neverOffered.includes(first.target);
    return [{ run, first, sourceHash, isGuessed, isNeverOffered, isLone, n: own.length, ms }];
  });
}

/** The rank of a batch. */
export interface Ranked {
  readonly weight: number;
  readonly tag: number;
  readonly dueAt: number;
}

/** The values of each batch in the parameter of the statements, in this order. */
export const batchNames = [
  ...[
    'run',
    'org',
    'app',
    'target',
    'source',
    'framework',
    'priority',
    'guessed',
    'weight',
    'tag',
    'due',
    'n',
  ],
  ...[
    'ms',
    'run_at',
    'max_retries',
    'retry_failed_tests',
    'timeout_ms',
    'queue_deadline',
    'unoffered_until',
    'at',
    'lone',
    'hunted',
  ],
] as const;

/** The values from which a batch's row is made. */
export function batchValues(
  { run, first, sourceHash, isGuessed, isNeverOffered, isLone, n, ms }: NewBatch,
  rank: Ranked,
): Record<(typeof batchNames)[number], unknown> {
  const isQueued = first.status === 'queued';
  const isHunt = run.huntTimes !== null;
  return {
    run: run.id,
    org: run.orgId,
    app: run.appVersionId,
    target: first.target,
    source: sourceHash,
    framework: first.framework,
    priority: first.priority,
    guessed: isGuessed ? 1 : 0,
    weight: rank.weight,
    tag: rank.tag,
    due: rank.dueAt,
    n: isQueued && !isHunt ? n : 0,
    ms: isQueued && !isHunt ? ms : 0,
    run_at: first.runAt,
    max_retries: first.maxRetries,
    retry_failed_tests: first.retryFailedTests,
    timeout_ms: first.timeoutMs,
    queue_deadline: first.queueDeadline,
    unoffered_until: isNeverOffered
      ? (first.runAt ?? run.submittedAt) + submitDefaults.unofferedTimeoutMs
      : null,
    at: run.submittedAt,
    lone: isLone ? 1 : 0,
    hunted: isHunt ? n : 0,
  };
}
