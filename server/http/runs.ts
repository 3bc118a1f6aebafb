import { QgjobError } from '../../protocol/errors.ts';
import type { SubmitAnswer, SubmitRun } from '../../protocol/shapes/run.ts';
import { watcherOf } from '../auth/principal.ts';
import { viewerOf } from '../calls/viewer-of.ts';
import { explainRun } from '../queue/explain/index.ts';
import { cancelRun, endWatch, listRuns, noteWatch, readRun, retryRun } from '../queue/runs/index.ts';
import { type Submitted, submitRun } from '../queue/submit/index.ts';
import { type Call, type Handlers, type HttpDeps, orgOf, param } from './handler.ts';
import { longPoll } from './long-poll.ts';
import { isOfItsCommit, withProof } from './with-proof.ts';

export const runHandlers: Pick<
  Handlers,
  'submitRun' | 'listRuns' | 'getRun' | 'explainRun' | 'cancelRun' | 'retryRun'
> = {
  submitRun: async (deps, call) => submitReply(await submit(deps, call, call.body)),

  listRuns: ({ queue }, { principal, query }) => listRuns(queue, query, viewerOf(principal, query.org_id)),

  async getRun({ queue, wakeUps, logUnnoted }, call) {
    const id = param(call, 'id');
    const { after_rev: afterRev = 0, wait_ms: waitMs = 0, on_client_gone: gone } = call.query;
    const viewer = viewerOf(call.principal);
    const watcher = watcherOf(call.principal);
    const isWatching = call.query.after_rev !== undefined;
    if (gone === 'keep') await endWatch(queue, id, watcher);
    // A client is answered also while its being there cannot be written down.
    const note = async (): Promise<boolean> => {
      try {
        await noteWatch(queue, id, watcher);
        return true;
      } catch (error) {
        logUnnoted(error);
        return false;
      }
    };
    const isNoted = isWatching && gone !== 'keep' && (await note());
    const read = () => readRun(queue, id, afterRev, viewer);
    const run = await longPoll(
      wakeUps,
      `run:${id}`,
      { ...call, waitMs },
      read,
      (found) => found.rev > afterRev,
    );
    if (isNoted && !call.signal.aborted) await note();
    return run;
  },

  explainRun: ({ queue }, call) => explainRun(queue, param(call, 'id'), viewerOf(call.principal)),

  cancelRun: ({ queue }, call) => cancelRun(queue, param(call, 'id'), viewerOf(call.principal)),

  async retryRun({ queue }, call) {
    const { by, idempotencyKey, body } = call;
    const input = { id: param(call, 'id'), only: body.only, idempotencyKey, by };
    return submitReply(await retryRun(queue, input, viewerOf(call.principal)));
  },
};

/** A submit of one job or of many, for the caller's org. Errors: those of `submitRun`, `forbidden`. */
export async function submit(
  { queue, mayReportAt }: HttpDeps,
  { principal, idempotencyKey, by }: Pick<Call<'submitRun'>, 'principal' | 'idempotencyKey' | 'by'>,
  body: SubmitRun,
): Promise<Submitted> {
  const orgId = orgOf(principal, body.org_id);
  if (principal.github && body.hold_minutes !== undefined) {
    throw new QgjobError('forbidden', 'hold_minutes: a workflow holds no devices, people do');
  }
  const proved = withProof(body, principal.github);
  const isReported = async ({ github } = principal): Promise<boolean> =>
    github !== undefined && isOfItsCommit(proved, github) && mayReportAt(github, proved.github?.sha ?? '');
  return submitRun(queue, {
    ...{ orgId, idempotencyKey, createOrg: principal.isOperator },
    body: proved,
    audited: { by, action: 'run.submitted' },
    submittedBy: principal.github ? 'github' : principal.tokenId,
    // What a body says never makes the server write into a repository.
    reportBy: (await isReported()) ? 'server' : 'action',
    watchedBy: body.on_client_gone === 'cancel' ? watcherOf(principal) : undefined,
  });
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
