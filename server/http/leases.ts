import { checkUpload, finishAttempt, finishJobs, startAttempt } from '../queue/attempts/index.ts';
import { releaseLease, reportInstalled } from '../queue/leases/index.ts';
import { agentCallerOf, type Handlers, leaseCallerOf, param } from './handler.ts';

type LeaseRoutes =
  | 'takeLease'
  | 'reportInstalled'
  | 'startJob'
  | 'finishJob'
  | 'finishJobs'
  | 'releaseLease'
  | 'appendLogs';

const refOf = (call: { params: Record<string, string> }, attempt: number) => ({
  leaseId: param(call, 'id'),
  jobId: param(call, 'job_id'),
  attempt,
});

export const leaseHandlers: Pick<Handlers, LeaseRoutes> = {
  async takeLease({ dispatcher, noteLease }, { body, principal, signal, recheck }) {
    const request = { caller: agentCallerOf(principal), input: body };
    const lease = await dispatcher.lease(request, { waitMs: body.wait_ms, signal, recheck });
    if (lease) noteLease(lease);
    return lease;
  },

  async reportInstalled({ queue }, call) {
    await reportInstalled(queue, leaseCallerOf(call.principal), param(call, 'id'), call.body);
    return undefined;
  },

  startJob: ({ queue }, call) =>
    startAttempt(queue, leaseCallerOf(call.principal), refOf(call, call.body.attempt)),

  finishJob: ({ queue }, call) =>
    finishAttempt(queue, leaseCallerOf(call.principal), refOf(call, call.body.attempt), call.body),

  finishJobs: ({ queue }, call) =>
    finishJobs(queue, leaseCallerOf(call.principal), param(call, 'id'), call.body),

  async releaseLease({ queue }, call) {
    await releaseLease(queue, leaseCallerOf(call.principal), param(call, 'id'));
    return undefined;
  },

  async appendLogs({ queue, logs }, call) {
    const { attempt, offset } = call.query;
    const ref = refOf(call, attempt);
    await checkUpload(queue, leaseCallerOf(call.principal), ref);
    return { size: await logs.append(ref.jobId, attempt, offset, call.body) };
  },
};
