import { QgjobError } from '../../protocol/errors.ts';
import type { SubmitAnswer, SubmitRun } from '../../protocol/shapes/run.ts';
import { cancelRun, listRuns, readRun, retryRun } from '../queue/runs/index.ts';
import { type Submitted, submitRun } from '../queue/submit/index.ts';
import { type Call, type Handlers, type HttpDeps, orgOf, param, viewerOf } from './handler.ts';
import { longPoll } from './long-poll.ts';
import { withProof } from './with-proof.ts';

export const runHandlers: Pick<Handlers, 'submitRun' | 'listRuns' | 'getRun' | 'cancelRun' | 'retryRun'> = {
  submitRun: async (deps, call) => submitReply(await submit(deps, call, call.body)),

  listRuns: ({ queue }, { principal, query }) => listRuns(queue, query, viewerOf(principal, query.org_id)),

  getRun({ queue, wakeUps }, call) {
    const id = param(call, 'id');
    const { after_rev: afterRev = 0, wait_ms: waitMs = 0 } = call.query;
    const viewer = viewerOf(call.principal);
    const read = () => readRun(queue, id, afterRev, viewer);
    return longPoll(wakeUps, `run:${id}`, { ...call, waitMs }, read, (run) => run.rev > afterRev);
  },

  cancelRun: ({ queue }, call) => cancelRun(queue, param(call, 'id'), viewerOf(call.principal)),

  async retryRun({ queue }, call) {
    const input = { id: param(call, 'id'), only: call.body.only, idempotencyKey: call.idempotencyKey };
    return submitReply(await retryRun(queue, input, viewerOf(call.principal)));
  },
};

/** A submit of one job or of many, for the caller's org. Errors: those of `submitRun`, `invalid`, `forbidden`. */
export function submit(
  { queue }: HttpDeps,
  { principal, idempotencyKey }: Pick<Call<'submitRun'>, 'principal' | 'idempotencyKey'>,
  body: SubmitRun,
): Promise<Submitted> {
  checkSubmit(body);
  const orgId = orgOf(principal, body.org_id);
  return submitRun(queue, {
    ...{ orgId, idempotencyKey, createOrg: principal.isOperator },
    body: withProof(body, principal.github),
    submittedBy: principal.github ? 'github' : principal.tokenId,
  });
}

/**
 * Refuses fields of the contract that this version does not support yet, rather than ignoring them. Errors:
 * `invalid`.
 */
function checkSubmit(body: SubmitRun): void {
  const later = (['on_client_gone', 'comment'] as const).find(
    (name) => body[name] !== undefined && body[name] !== 'keep' && body[name] !== 'off',
  );
  if (later) throw new QgjobError('invalid', `${later}: this version does not do that yet; leave it out`);
}

/** 201 for a new run, 200 for the run of an earlier submit with the same key. */
export const submitStatus = ({ replayed }: Submitted) => (replayed ? 200 : 201);

export const submitReply = (submitted: Submitted) => ({
  status: submitStatus(submitted),
  answer: {
    run: submitted.run,
    jobs: submitted.jobs,
    ...(submitted.warnings.length > 0 && { warnings: [...submitted.warnings] }),
  } satisfies SubmitAnswer,
});
