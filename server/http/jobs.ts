import { QgjobError } from '../../protocol/errors.ts';
import { cancelJob } from '../queue/cancel.ts';
import { listDeadLetters } from '../queue/dead-letters.ts';
import { explainJob } from '../queue/explain-job.ts';
import { listJobs } from '../queue/list.ts';
import { findJob, readAttempts, readJob } from '../queue/read-job.ts';
import { retryJob } from '../queue/retry.ts';
import { submitRun } from '../queue/submit-run.ts';
import { checkSubmit } from './check-submit.ts';
import { type Call, type Handlers, type HttpDeps, orgOf, param, viewerOf } from './handler.ts';
import { hold } from './hold.ts';
import { submitReply } from './submit-answer.ts';

type JobRoutes =
  | 'submitJob'
  | 'listJobs'
  | 'getJob'
  | 'cancelJob'
  | 'deleteJob'
  | 'retryJob'
  | 'explainJob'
  | 'listAttempts'
  | 'listDeadLetters'
  | 'readLogs';

const cancel = ({ queue }: HttpDeps, call: Pick<Call<'cancelJob'>, 'params' | 'principal'>) =>
  cancelJob(queue, param(call, 'id'), viewerOf(call.principal));

export const jobHandlers: Pick<Handlers, JobRoutes> = {
  async submitJob({ queue }, { principal, body, idempotencyKey }) {
    checkSubmit(body);
    const { test_path, ...settings } = body;
    const { jobs, replayed } = await submitRun(queue, {
      orgId: orgOf(principal, body.org_id),
      body: { ...settings, tests: [test_path] },
      idempotencyKey,
      createOrg: principal.isOperator,
    });
    const [job] = jobs;
    if (!job) throw new QgjobError('internal', 'a submit of one job made none');
    return { status: replayed ? 200 : 201, answer: job };
  },

  listJobs: ({ queue }, { principal, query }) => listJobs(queue, query, viewerOf(principal, query.org_id)),

  getJob({ queue, bell }, call) {
    const id = param(call, 'id');
    const { after_rev: afterRev = 0, wait_ms: waitMs = 0 } = call.query;
    const viewer = viewerOf(call.principal);
    const look = () => readJob(queue, id, viewer);
    return hold(bell, `job:${id}`, { ...call, waitMs }, look, (job) => job.rev > afterRev);
  },

  cancelJob: cancel,
  deleteJob: cancel,

  async retryJob({ queue }, call) {
    const input = { id: param(call, 'id'), only: call.body.only, idempotencyKey: call.idempotencyKey };
    const made = await retryJob(queue, input, viewerOf(call.principal));
    return submitReply(made);
  },

  listDeadLetters: ({ queue }, { principal, query }) =>
    listDeadLetters(queue, query, viewerOf(principal, query.org_id)),

  explainJob: ({ queue }, call) => explainJob(queue, param(call, 'id'), viewerOf(call.principal)),

  async listAttempts({ queue }, call) {
    const attempts = await readAttempts(queue, param(call, 'id'), viewerOf(call.principal));
    return { attempts, next_cursor: null };
  },

  async readLogs({ queue, logs }, call) {
    const job = await findJob(queue, param(call, 'id'), viewerOf(call.principal));
    return logs.read(job.id, call.query.attempt ?? Math.max(1, job.attempt), call.query.offset ?? 0);
  },
};
