import { QgjobError } from '../../protocol/errors.ts';
import { openLogPieces } from '../calls/log-pieces.ts';
import { viewerOf } from '../calls/viewer-of.ts';
import { evidencePrunedAt } from '../queue/retention/index.ts';
import {
  cancelJob,
  explainJob,
  listDeadLetters,
  listJobs,
  reproduceJob,
  retryJob,
} from '../queue/runs/index.ts';
import { findJob, readAttempts, readJob } from '../queue/store/read-job.ts';
import { toInstant } from '../queue/store/to-wire.ts';
import { type Call, type Handlers, type HttpDeps, param } from './handler.ts';
import { longPoll } from './long-poll.ts';
import { submit, submitReply, submitStatus } from './runs.ts';

type JobRoutes =
  | 'submitJob'
  | 'listJobs'
  | 'getJob'
  | 'cancelJob'
  | 'deleteJob'
  | 'retryJob'
  | 'explainJob'
  | 'reproduceJob'
  | 'listAttempts'
  | 'listDeadLetters'
  | 'readLogs';

const cancel = ({ queue }: HttpDeps, call: Pick<Call<'cancelJob'>, 'params' | 'principal'>) =>
  cancelJob(queue, param(call, 'id'), viewerOf(call.principal));

export const jobHandlers: Pick<Handlers, JobRoutes> = {
  async submitJob(deps, call) {
    const { test_path: testPath, ...settings } = call.body;
    const submitted = await submit(deps, call, { ...settings, tests: [testPath] });
    const [job] = submitted.jobs;
    if (!job) throw new QgjobError('internal', 'a submit of one job made none');
    return { status: submitStatus(submitted), answer: job };
  },

  listJobs: ({ queue }, { principal, query }) => listJobs(queue, query, viewerOf(principal, query.org_id)),

  getJob({ queue, wakeUps }, call) {
    const id = param(call, 'id');
    const { after_rev: afterRev = 0, wait_ms: waitMs = 0 } = call.query;
    const viewer = viewerOf(call.principal);
    const read = () => readJob(queue, id, viewer);
    return longPoll(wakeUps, `job:${id}`, { ...call, waitMs }, read, (job) => job.rev > afterRev);
  },

  cancelJob: cancel,
  deleteJob: cancel,

  async retryJob({ queue }, call) {
    const { by, idempotencyKey, body } = call;
    const input = { id: param(call, 'id'), only: body.only, idempotencyKey, by };
    return submitReply(await retryJob(queue, input, viewerOf(call.principal)));
  },

  listDeadLetters: ({ queue }, { principal, query }) =>
    listDeadLetters(queue, query, viewerOf(principal, query.org_id)),

  explainJob: ({ queue }, call) => explainJob(queue, param(call, 'id'), viewerOf(call.principal)),

  reproduceJob: ({ queue }, call) => reproduceJob(queue, param(call, 'id'), viewerOf(call.principal)),

  async listAttempts({ queue }, call) {
    const attempts = await readAttempts(queue, param(call, 'id'), viewerOf(call.principal));
    return { attempts, next_cursor: null };
  },

  async readLogs({ queue, logs }, call) {
    const job = await findJob(queue, param(call, 'id'), viewerOf(call.principal));
    const attempt = call.query.attempt ?? Math.max(1, job.attempt);
    const { offset = 0 } = call.query;
    // Its size now: what comes meanwhile is of the next call.
    const end = await logs.size(job.id, attempt);
    const gone = end <= offset ? await evidencePrunedAt(queue, job.runId) : undefined;
    if (gone === undefined)
      return {
        status: 200,
        // Shown as text, also where a test has printed HTML.
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        chunks: await openLogPieces(logs, { jobId: job.id, attempt, offset, end }),
      };
    throw new QgjobError(
      'not_found',
      `the logs of its run made room for newer ones; they were deleted ${toInstant(gone)}`,
    );
  },
};
