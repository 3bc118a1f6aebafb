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
  act: (
    ref: { leaseId: string; jobId: string; attempt: number },
    only: string[] | undefined,
  ) => Promise<unknown>,
): Promise<void> {
  await withLease(model, at, async ({ lease }) => {
    const picked = pick(lease.jobs, job);
    if (!picked) return;
    const ref = { leaseId: lease.lease_id, jobId: picked.job_id, attempt: picked.next_attempt };
    await act(ref, picked.only);
  });
}

export async function heartbeat({ deps }: Model, { agent, lease }: HeldLease): Promise<void> {
  const one = { agentId: agent.agentId, bootId: agent.bootId, leaseIds: [lease.lease_id] };
  await renewLeases(deps, everyone, one);
  await readHeartbeat(deps, everyone, one);
}

type Sent = Omit<FinishJob, 'attempt' | 'duration_ms'>;
type Status = 'passed' | 'failed' | 'flaky' | 'skipped';

/** Each file has three tests. */
const file = ['t0', 't1', 't2'];
const cases = (ids: readonly string[], ...statuses: Status[]) =>
  ids.map((id, index) => ({ id, name: id, status: statuses[index] ?? 'passed', duration_ms: 1 }));

/** An agent runs what the lease asks for; a failure names the tests that failed. */
const ran = (only: readonly string[] | undefined, ...statuses: Status[]): Sent => {
  const tests = cases(only ?? file, ...statuses);
  const failed = tests.filter(({ status }) => status === 'failed').map(({ id }) => id);
  return {
    ...(failed.length > 0 ? { verdict: 'failed', only: failed } : { verdict: 'passed' }),
    tests,
    ...(only && { retried_tests: only.length }),
  };
};

/** What an agent may send, by the tests that the lease asks it to run. */
const verdicts: ((only: readonly string[] | undefined) => Sent)[] = [
  (only) => ran(only),
  () => ran(undefined),
  (only) => ran(only, 'failed'),
  (only) => ran(only, 'failed', 'failed'),
  () => ({ verdict: 'failed', tests: cases(file, 'failed') }),
  () => ran(undefined, 'flaky'),
  // Passes that the server does not accept.
  () => ({ verdict: 'passed', tests: [] }),
  () => ({ verdict: 'passed', tests: cases(file, 'skipped', 'skipped', 'skipped') }),
  (only) => ran(only ? only.slice(1) : ['t1']),
  (only) => ({ ...ran(only, 'skipped'), retried_tests: only?.length ?? 0 }),
  // A failure of a selection that nobody asked for.
  () => ran(['t2'], 'failed'),
  () => ({ verdict: 'cancelled' }),
  ...errorClasses
    .filter((name) => name !== 'lost')
    .map((name) => () => ({ verdict: 'error' as const, error_class: name })),
];
const notAccepted = [6, 7, 8, 9].map((index) => verdicts[index]);

export async function finish(model: Model, op: Extract<Operation, { do: 'finish' }>): Promise<void> {
  const report = pick(verdicts, op.verdict) ?? ran;
  await withJob(model, op.lease, op.job, async (ref, only) => {
    const body = { duration_ms: 1, ...report(only), attempt: ref.attempt };
    remember(model, ref, body);
    const caller = model.callerOf(ref.leaseId);
    // A verdict again answers the job as it is then, whatever a later attempt has made of it.
    const isNew = !model.verdicts.has(`${ref.jobId} ${ref.attempt}`);
    const first = await finishAttempt(model.deps, caller, ref, body);
    if (isNew && body.verdict === 'passed' && (first.status === 'passed') !== !notAccepted.includes(report))
      throw new Error(
        `broken: a pass of all that was to run is a pass, and no other (${ref.jobId}: ${first.status})`,
      );
    if (!op.twice) return;
    const second = await finishAttempt(model.deps, caller, ref, body);
    if (second.rev !== first.rev) throw new Error(`a repeated verdict changed job ${ref.jobId}`);
  });
}

/** What the next attempt may be asked to run after this verdict. Nothing, where a selection was not asked for. */
function remember(
  { named }: Model,
  ref: { jobId: string; attempt: number },
  { verdict, only, retried_tests }: FinishJob,
): void {
  if (verdict !== 'failed') return;
  const key = `${ref.jobId} ${ref.attempt}`;
  const sent = named.get(key) ?? new Set();
  sent.add(only === undefined ? '' : JSON.stringify(only));
  if (retried_tests !== undefined) sent.add('');
  named.set(key, sent);
}

export async function installed({ deps, callerOf }: Model, { lease }: HeldLease, how: number): Promise<void> {
  const classes = ['install_failed', 'build_error', 'capacity', 'infra_error'] as const;
  const error_class = classes[how - 1];
  const report = { ok: error_class === undefined, duration_ms: 1, installs: 1, error_class };
  await reportInstalled(deps, callerOf(lease.lease_id), lease.lease_id, report);
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
