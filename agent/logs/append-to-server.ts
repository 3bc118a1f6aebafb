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
  const once = client.with({ forMs: 0 });
  return async (offset, bytes, signal) => {
    const append = (by: Client) =>
      by.call('appendLogs', {
        params: { id: leaseId, job_id: jobId },
        query: { attempt, offset },
        body: bytes,
        signal,
        timeoutMs: answerMs,
      });
    try {
      return (await append(once).catch((error) => (mayPass(error) ? append(client) : thrown(error)))).size;
    } catch (error) {
      return sizeAfter(error);
    }
  };
}

/** To be repeated as it is. What may be about these very bytes is sent otherwise. */
const mayPass = (error: unknown): boolean => isRetryable(error) && !mayMeanTheBody(error);

function thrown(error: unknown): never {
  throw error;
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
