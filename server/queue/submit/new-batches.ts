import { submitDefaults } from '../../../protocol/limits.ts';
import type { JobRow, RunRow } from '../store/rows.ts';

/** A run that is about to be stored: its row, its jobs in order. */
export interface NewRun {
  readonly run: RunRow;
  readonly jobs: readonly JobRow[];
  readonly createOrg: boolean;
  readonly sourceHash: string;
  /** Nothing is known of how long its tests take. */
  readonly isGuessed: boolean;
  /** Targets that no device has ever offered, and for which its jobs shall wait for a short while only. */
  readonly unoffered: readonly string[];
}

/** The queued jobs of one run on one target. */
export interface NewBatch {
  readonly run: RunRow;
  readonly first: JobRow;
  readonly sourceHash: string;
  readonly isGuessed: boolean;
  readonly isUnoffered: boolean;
  readonly n: number;
  readonly ms: number;
}

/** Where the revs of a write's runs and jobs begin: at the number after the last event. */
export interface Revs {
  /** Of each job, in order over all runs. */
  readonly jobs: number;
  /** Of each batch's event, in order over all runs. */
  readonly batches: number;
}

/** The revs that `insertRuns` gave, from the number that it answered. */
export function revsOf(all: readonly NewRun[], seq: number): Revs {
  const batches = all.flatMap(batchesOf).length;
  const jobs = all.reduce((sum, one) => sum + one.jobs.length, 0);
  return { jobs: seq - batches - jobs + 1, batches: seq - batches + 1 };
}

export function batchesOf({ run, jobs, sourceHash, isGuessed, unoffered }: NewRun): NewBatch[] {
  const byTarget = Map.groupBy(jobs, (job) => job.target);
  return [...byTarget.values()].flatMap((own) => {
    const [first] = own;
    const ms = own.reduce((sum, job) => sum + job.estimateMs, 0);
    if (!first) return [];
    const isUnoffered = unoffered.includes(first.target);
    return [{ run, first, sourceHash, isGuessed, isUnoffered, n: own.length, ms }];
  });
}

/** What the scheduler ranks a batch by. */
export interface Ranked {
  readonly weight: number;
  readonly tag: number;
  readonly dueAt: number;
}

/** What the statements of a submit are told of each batch, in this order. */
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
  ],
] as const;

/** What a batch's row is made of. */
export function batchValues(
  { run, first, sourceHash, isGuessed, isUnoffered, n, ms }: NewBatch,
  rank: Ranked,
): Record<(typeof batchNames)[number], unknown> {
  const isQueued = first.status === 'queued';
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
    n: isQueued ? n : 0,
    ms: isQueued ? ms : 0,
    run_at: first.runAt,
    max_retries: first.maxRetries,
    retry_failed_tests: first.retryFailedTests,
    timeout_ms: first.timeoutMs,
    queue_deadline: first.queueDeadline,
    unoffered_until: isUnoffered
      ? (first.runAt ?? run.submittedAt) + submitDefaults.unofferedTimeoutMs
      : null,
    at: run.submittedAt,
  };
}
