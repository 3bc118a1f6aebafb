import { type ErrorCode, QgjobError } from '../../protocol/errors.ts';
import type { Agent } from '../agent.ts';
import type { Verdict } from './entry.ts';
import { FormSender } from './form-sender.ts';
import { verdictForms } from './verdict-forms.ts';

/** The server's last word: it knows no such lease or job, the lease is another's by now, or another verdict stands. */
const final: readonly ErrorCode[] = [
  ...['invalid', 'too_large', 'not_found', 'conflict', 'lease_lost', 'job_cancelled'],
] as ErrorCode[];

/** The server took it, now or before (a repeated finish gets the same answer), or refuses it for good. */
export type LastWord = 'taken' | QgjobError;

/**
 * How a verdict is told to the server, by the process that has it or by a later one: each call of what this answers is
 * one try. What is not the server's last word about this verdict is thrown (it is away, it refuses the token, `signal`
 * aborted). A verdict that is too long for something on the way, or has words that something does not let through,
 * is told with less; it never becomes another one.
 */
export function verdictSender(
  { client, say }: Pick<Agent, 'client' | 'say'>,
  { lease_id, job_id, test_path, finish }: Verdict,
  signal: AbortSignal,
): () => Promise<LastWord> {
  const once = client.with({ forMs: 0 });
  const params = { id: lease_id, job_id };
  const sender = new FormSender(verdictForms(finish), (body) =>
    once.call('finishJob', { params, body, signal }),
  );
  return async () => {
    try {
      const form = await sender.try();
      if (form > 0) say(`${test_path}: its verdict was taken, but not all of its texts`);
      return 'taken';
    } catch (error) {
      if (error instanceof QgjobError && final.includes(error.code)) return error;
      throw error;
    }
  };
}
