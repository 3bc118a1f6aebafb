import type { Provider } from '../../protocol/shapes/job.ts';
import type { AttemptResult } from '../reports/attempt-result.ts';

/** An attempt whose traces a device keeps. */
export interface RecordedAttempt {
  /** Absolute, of this attempt and device alone, and no test can write to it. What lies in it at the end is uploaded. */
  readonly folder: string;
  readonly orgId: string;
  readonly appVersionId: string;
  readonly target: string;
  readonly leaseId: string;
  readonly runId: string;
  readonly jobId: string;
  /** Of several files in one process that tells nothing before its end: the first one. */
  readonly testPath: string;
  /** From 1 on. */
  readonly attempt: number;
}

/** How an attempt ended. */
export type RecordedResult = Pick<AttemptResult, 'verdict' | 'error'>;

/** A recording that has begun. */
export interface Recording {
  /**
   * The session of the attempt at a provider, which is told with the verdict. The verdict waits for it, for a short while at
   * most. Asked for after `end` was called. Absent: there is none.
   */
  readonly provider?: () => Promise<Provider | undefined>;
  /** How long `end` may take, in ms. Absent: as long as those of all devices. */
  readonly endMs?: number;
  /**
   * Ends it. Called once, as soon as the attempt has a result; neither the verdict nor the next test waits for it. Resolves
   * when its files lie in the folder; throws, with words for the log of the job, where something is missing.
   */
  end(result: RecordedResult): Promise<void>;
}
