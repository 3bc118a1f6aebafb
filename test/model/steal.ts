import type { AttemptRef } from '../../server/queue/attempts/attempt-view.ts';
import { checkUpload } from '../../server/queue/attempts/check-upload.ts';
import { finishAttempt } from '../../server/queue/attempts/finish-attempt.ts';
import { startAttempt } from '../../server/queue/attempts/start-attempt.ts';
import { releaseLease } from '../../server/queue/leases/release-lease.ts';
import { reportInstalled } from '../../server/queue/leases/report-installed.ts';
import type { Deps } from '../../server/queue/store/deps.ts';
import type { LeaseCaller } from '../../server/queue/store/find-lease.ts';
import { pick } from './lease-operations.ts';
import type { Model } from './model.ts';
import type { Operation } from './operation.ts';

type Act = (deps: Deps, caller: LeaseCaller, ref: AttemptRef) => Promise<unknown>;

const broken = { ok: false, duration_ms: 1, installs: 1, error_class: 'build_error' as const };
const tests = [{ name: 't', status: 'passed' as const, duration_ms: 1 }];

const acts: readonly Act[] = [
  startAttempt,
  (deps, caller, ref) =>
    finishAttempt(deps, caller, ref, { attempt: ref.attempt, verdict: 'passed', duration_ms: 1, tests }),
  (deps, caller, { leaseId }) => releaseLease(deps, caller, leaseId),
  (deps, caller, { leaseId }) => reportInstalled(deps, caller, leaseId, broken),
  checkUpload,
];

const tables = ['jobs', 'leases', 'attempts', 'runs', 'batches', 'groups', 'devices', 'events'];

/** The holder of one lease's token, live or ended, tries it on another lease: it is not found, and nothing changes. */
export async function steal(model: Model, op: Extract<Operation, { do: 'steal' }>): Promise<void> {
  const [own, other] = [pick(model.leases, op.lease)?.lease, pick(model.leases, op.other)?.lease];
  const job = pick(other?.jobs ?? [], op.job);
  const act = acts[op.act];
  if (!own || !other || !job || !act || own.lease_id === other.lease_id) return;
  const ref = { leaseId: other.lease_id, jobId: job.job_id, attempt: job.next_attempt };
  const before = await readRows(model);
  const answer = await act(model.deps, model.callerOf(own.lease_id), ref).then(
    () => 'taken',
    (error: { code?: string }) => error.code,
  );
  if (answer !== 'not_found')
    throw new Error(`broken: the token of a lease is good for that lease alone (${answer})`);
  if ((await readRows(model)) !== before)
    throw new Error('broken: a call with the token of another lease changes nothing');
}

async function readRows({ deps }: Model): Promise<string> {
  const all = await Promise.all(tables.map((table) => deps.sql.read(`SELECT * FROM ${table}`)));
  return JSON.stringify(all);
}
