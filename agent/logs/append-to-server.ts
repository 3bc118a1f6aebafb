import { type Client, isRetryable, mayMeanTheBody } from '../../client/index.ts';
import { errorTable, QgjobError } from '../../protocol/errors.ts';
import type { AppendLog } from './log-upload.ts';

/** The attempt of a job that a log belongs to. */
export interface AttemptRef {
  readonly leaseId: string;
  readonly jobId: string;
  readonly attempt: number;
}

/** Shorter than the time to close a log: a dead connection must not cost the end of the log. */
const answerMs = 8000;

/** Appends to the log of an attempt on the server. */
export function appendToServer(client: Client, { leaseId, jobId, attempt }: AttemptRef): AppendLog {
  // After a refusal that may be about these very bytes they are sent in smaller pieces, not again as they are.
  const patient = client.with({ isRetryable: (error) => isRetryable(error) && !mayMeanTheBody(error) });
  return async (offset, bytes, signal) => {
    try {
      const { size } = await patient.call('appendLogs', {
        params: { id: leaseId, job_id: jobId },
        query: { attempt, offset },
        body: bytes,
        signal,
        timeoutMs: answerMs,
      });
      return size;
    } catch (error) {
      return sizeAfter(error);
    }
  };
}

/** A gap says where to go on; other refusals are final; errors that may pass are thrown, for a later try. */
function sizeAfter(error: unknown): number | 'closed' | 'refused' {
  if (mayMeanTheBody(error)) return 'refused';
  if (!(error instanceof QgjobError)) throw error;
  const size = error.details?.size;
  if (error.code === 'conflict' && typeof size === 'number') return size;
  if (errorTable[error.code].retryable) throw error;
  return 'closed';
}
