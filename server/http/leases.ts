import { checkUpload } from '../queue/check-upload.ts';
import { findAgentOfDevice } from '../queue/find-agent.ts';
import { finishAttempt } from '../queue/finish-attempt.ts';
import { finishJobs } from '../queue/finish-jobs.ts';
import { releaseLease } from '../queue/release-lease.ts';
import { reportInstalled } from '../queue/report-installed.ts';
import { startAttempt } from '../queue/start-attempt.ts';
import { takeLease } from '../queue/take-lease.ts';
import { agentCallerOf, type Handlers, param } from './handler.ts';
import { hold } from './hold.ts';

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
  async takeLease({ queue, bell }, call) {
    const { body, signal } = call;
    const caller = agentCallerOf(call.principal);
    const { device } = await findAgentOfDevice(queue, caller, body.device_id, body.boot_id);
    // A caller that is gone must not be given work: it would sit in the lease until the rescue.
    const look = async () => (signal.aborted ? undefined : takeLease(queue, caller, body));
    const patience = { ...call, waitMs: body.wait_ms };
    return hold(bell, `pool:${device.poolId}`, patience, look, (lease) => lease !== undefined);
  },

  async reportInstalled({ queue }, call) {
    await reportInstalled(queue, agentCallerOf(call.principal), param(call, 'id'), call.body);
    return undefined;
  },

  startJob: ({ queue }, call) =>
    startAttempt(queue, agentCallerOf(call.principal), refOf(call, call.body.attempt)),

  finishJob: ({ queue }, call) =>
    finishAttempt(queue, agentCallerOf(call.principal), refOf(call, call.body.attempt), call.body),

  finishJobs: ({ queue }, call) =>
    finishJobs(queue, agentCallerOf(call.principal), param(call, 'id'), call.body),

  async releaseLease({ queue }, call) {
    await releaseLease(queue, agentCallerOf(call.principal), param(call, 'id'));
    return undefined;
  },

  async appendLogs({ queue, logs }, call) {
    const { attempt, offset } = call.query;
    const ref = refOf(call, attempt);
    await checkUpload(queue, agentCallerOf(call.principal), ref);
    return { size: await logs.append(ref.jobId, attempt, offset, call.body) };
  },
};
