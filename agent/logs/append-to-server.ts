import { type Client, isRetryable, mayMeanTheBody } from '../../client/index.ts';
import { errorTable, QgjobError } from '../../protocol/errors.ts';
import type { AppendLog } from './log-upload.ts';

/** One execution of a job: what a log belongs to. */
export interface AttemptRef {
  readonly leaseId: string;
  readonly jobId: string;
  readonly attempt: number;
}

/** Less than closing a log may take: a connection that died without a word must not cost the end of it. */
const answerMs = 8000;

export function appendToServer(client: Client, { leaseId, jobId, attempt }: AttemptRef): AppendLog {
  // What may be about these very bytes is not repeated: they are sent in smaller pieces.
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

/** A gap tells where to go on; any other refusal is final; what may pass is thrown on, to be tried again. */
function sizeAfter(error: unknown): number | 'closed' | 'refused' {
  if (mayMeanTheBody(error)) return 'refused';
  if (!(error instanceof QgjobError)) throw error;
  const size = error.details?.size;
  if (error.code === 'conflict' && typeof size === 'number') return size;
  if (errorTable[error.code].retryable) throw error;
  return 'closed';
}
