import { retryJob, retryRun } from '../../queue/runs/index.ts';
import type { Submitted } from '../../queue/submit/index.ts';
import type { Action } from '../page.ts';
import { readKey } from '../read-key.ts';

const told = ({ run, replayed }: Submitted): string =>
  `/dead-letters?made=${run.run_id}${replayed ? '&again=1' : ''}`;

export const retryActions: readonly Action[] = [
  {
    path: '/dead-letters/jobs/:id/retry',
    scope: 'submit',
    act: async ({ queue }, call) =>
      told(
        await retryJob(
          queue,
          { id: call.param('id'), idempotencyKey: readKey(call), by: call.by },
          call.owner,
        ),
      ),
  },
  {
    path: '/dead-letters/runs/:id/retry',
    scope: 'submit',
    async act({ queue }, call) {
      const { by } = call;
      const input = { id: call.param('id'), only: 'failed', idempotencyKey: readKey(call), by } as const;
      return told(await retryRun(queue, input, call.owner));
    },
  },
];
