import type { Client } from '../../client/index.ts';
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
  return async (offset, bytes, signal) => {
    try {
      const answer = await client.call('appendLogs', {
        params: { id: leaseId, job_id: jobId },
        query: { attempt, offset },
        body: bytes,
        signal,
        timeoutMs: answerMs,
      });
      return answer.size;
    } catch (error) {
      return sizeAfter(error);
    }
  };
}

/** A gap tells where to go on; any other refusal is final; what may pass is thrown on, to be tried again. */
function sizeAfter(error: unknown): number | 'closed' {
  if (!(error instanceof QgjobError)) throw error;
  const size = error.details?.size;
  if (error.code === 'conflict' && typeof size === 'number') return size;
  if (errorTable[error.code].retryable) throw error;
  return 'closed';
}
