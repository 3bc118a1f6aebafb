import { cancelRun, listRuns, readRun, retryRun } from '../queue/runs/index.ts';
import { submitRun } from '../queue/submit/index.ts';
import { checkSubmit } from './check-submit.ts';
import { type Handlers, orgOf, param, viewerOf } from './handler.ts';
import { longPoll } from './long-poll.ts';
import { submitReply } from './submit-answer.ts';

export const runHandlers: Pick<Handlers, 'submitRun' | 'listRuns' | 'getRun' | 'cancelRun' | 'retryRun'> = {
  async submitRun({ queue }, { principal, body, idempotencyKey }) {
    checkSubmit(body);
    const made = await submitRun(queue, {
      orgId: orgOf(principal, body.org_id),
      body,
      idempotencyKey,
      createOrg: principal.isOperator,
    });
    return submitReply(made);
  },

  listRuns: ({ queue }, { principal, query }) => listRuns(queue, query, viewerOf(principal, query.org_id)),

  getRun({ queue, wakeUps }, call) {
    const id = param(call, 'id');
    const { after_rev: afterRev = 0, wait_ms: waitMs = 0 } = call.query;
    const viewer = viewerOf(call.principal);
    const look = () => readRun(queue, id, afterRev, viewer);
    return longPoll(wakeUps, `run:${id}`, { ...call, waitMs }, look, (run) => run.rev > afterRev);
  },

  cancelRun: ({ queue }, call) => cancelRun(queue, param(call, 'id'), viewerOf(call.principal)),

  async retryRun({ queue }, call) {
    const input = { id: param(call, 'id'), only: call.body.only, idempotencyKey: call.idempotencyKey };
    const made = await retryRun(queue, input, viewerOf(call.principal));
    return submitReply(made);
  },
};
