import type { FinishJob, Lease } from '../../protocol/shapes/agent.ts';
import { errorClasses } from '../../protocol/states.ts';
import { finishAttempt } from '../../server/queue/attempts/finish-attempt.ts';
import { readHeartbeat, renewLeases } from '../../server/queue/leases/renew-leases.ts';
import { reportInstalled } from '../../server/queue/leases/report-installed.ts';
import type { Deps } from '../../server/queue/store/deps.ts';
import { takeLease } from '../support/deps.ts';
import { everyone } from '../support/queue.ts';
import type { AgentProcess, HeldLease, Model } from './model.ts';
import type { Operation } from './operation.ts';

/** The newest element for 0, older ones for higher numbers, modulo the length. */
export const pick = <T>(list: readonly T[], at: number): T | undefined =>
  list[list.length - 1 - (at % Math.max(1, list.length))];

export async function withLease(
  model: Model,
  at: number,
  act: (held: HeldLease) => Promise<unknown>,
): Promise<void> {
  const held = pick(model.leases, at);
  if (held) await act(held);
}

export async function withJob(
  model: Model,
  at: number,
  job: number,
  act: (ref: { leaseId: string; jobId: string; attempt: number }) => Promise<unknown>,
): Promise<void> {
  await withLease(model, at, async ({ lease }) => {
    const picked = pick(lease.jobs, job);
    if (picked) await act({ leaseId: lease.lease_id, jobId: picked.job_id, attempt: picked.next_attempt });
  });
}

export async function heartbeat({ deps }: Model, { agent, lease }: HeldLease): Promise<void> {
  const one = { agentId: agent.agentId, bootId: agent.bootId, leaseIds: [lease.lease_id] };
  await renewLeases(deps, everyone, one);
  await readHeartbeat(deps, everyone, one);
}

const tests = (status: 'passed' | 'failed' | 'flaky' | 'skipped') => [{ name: 't', status, duration_ms: 1 }];
const verdicts: Omit<FinishJob, 'attempt' | 'duration_ms'>[] = [
  { verdict: 'passed', tests: tests('passed') },
  { verdict: 'passed', tests: tests('passed') },
  { verdict: 'failed', tests: tests('failed') },
  { verdict: 'passed', tests: tests('flaky') },
  // Passes that the server does not accept.
  { verdict: 'passed', tests: [] },
  { verdict: 'passed', tests: tests('skipped') },
  { verdict: 'cancelled' },
  ...errorClasses
    .filter((name) => name !== 'lost')
    .map((name) => ({ verdict: 'error' as const, error_class: name })),
];

export async function finish(model: Model, op: Extract<Operation, { do: 'finish' }>): Promise<void> {
  const report = pick(verdicts, op.verdict) ?? verdicts[0];
  await withJob(model, op.lease, op.job, async (ref) => {
    const body = { duration_ms: 1, verdict: 'passed' as const, ...report, attempt: ref.attempt };
    const first = await finishAttempt(model.deps, everyone, ref, body);
    if (!op.twice) return;
    const second = await finishAttempt(model.deps, everyone, ref, body);
    if (second.rev !== first.rev) throw new Error(`a repeated verdict changed job ${ref.jobId}`);
  });
}

export async function installed({ deps }: Model, { lease }: HeldLease, how: number): Promise<void> {
  const classes = ['install_failed', 'build_error', 'capacity', 'infra_error'] as const;
  const error_class = classes[how - 1];
  const report = { ok: error_class === undefined, duration_ms: 1, installs: 1, error_class };
  await reportInstalled(deps, everyone, lease.lease_id, report);
}

export const idsOf = (lease: Lease): string => lease.jobs.map((job) => job.job_id).join();

export function takeAs(
  deps: Deps,
  agent: AgentProcess,
  device: number,
  leaseId: string,
): Promise<Lease | undefined> {
  const input = {
    lease_id: leaseId,
    boot_id: agent.bootId,
    device_id: agent.deviceIds[device] ?? '',
    wait_ms: 0,
  };
  return takeLease(deps, everyone, input);
}
