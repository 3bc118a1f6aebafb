import { QgjobError } from '../../../protocol/errors.ts';
import { retryJob, retryRun } from '../../queue/runs/index.ts';
import type { Submitted } from '../../queue/submit/index.ts';
import type { Action, FormCall } from '../page.ts';

/** The key of a form: sent twice, it makes one run. Errors: `invalid`. */
function keyOf(call: FormCall): string {
  const key = call.field('key');
  if (!/^[0-9a-f-]{36}$/.test(key))
    throw new QgjobError('invalid', 'this form is not whole: load the page again, and send it from there');
  return `ui ${key}`;
}

const told = ({ run, replayed }: Submitted): string =>
  `/dead-letters?made=${run.run_id}${replayed ? '&again=1' : ''}`;

export const retryActions: readonly Action[] = [
  {
    path: '/dead-letters/jobs/:id/retry',
    scope: 'submit',
    act: async ({ queue }, call) =>
      told(await retryJob(queue, { id: call.param('id'), idempotencyKey: keyOf(call) }, call.owner)),
  },
  {
    path: '/dead-letters/runs/:id/retry',
    scope: 'submit',
    async act({ queue }, call) {
      const input = { id: call.param('id'), only: 'failed', idempotencyKey: keyOf(call) } as const;
      return told(await retryRun(queue, input, call.owner));
    },
  },
];
