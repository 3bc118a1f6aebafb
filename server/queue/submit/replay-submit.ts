import { QgjobError } from '../../../protocol/errors.ts';
import type { Job } from '../../../protocol/shapes/job.ts';
import type { Run } from '../../../protocol/shapes/run.ts';
import { eq } from '../../db/drizzle.ts';
import { runs } from '../../db/schema.ts';
import type { Deps } from '../store/deps.ts';
import { readJobsOfRun } from '../store/read-job.ts';
import { toJob, toRun } from '../store/to-wire.ts';
import { findNeverOffered, warningsOf } from './check-targets.ts';
import type { Submit } from './new-run.ts';

export interface Submitted {
  readonly run: Run;
  readonly jobs: Job[];
  /** True when the answer is the run of an earlier submit with the same key. */
  readonly replayed: boolean;
  /** What the submitter should know although the run was accepted. */
  readonly warnings: readonly string[];
}

/** Org and idempotency key of a submit; undefined without a key. */
export const keyOf = ({ input }: Submit): string | undefined =>
  input.idempotencyKey === undefined ? undefined : JSON.stringify([input.orgId, input.idempotencyKey]);

/** The run that an earlier submit with the same key has made. */
export interface Earlier {
  readonly runId: string;
  readonly hash: string;
}

/** The runs of earlier submits with the keys of these, by `keyOf`. SEARCH runs USING INDEX runs_idem. */
export async function findEarlier(deps: Deps, submits: readonly Submit[]): Promise<Map<string, Earlier>> {
  const keys = submits.flatMap(({ input }) =>
    input.idempotencyKey === undefined ? [] : [[input.orgId, input.idempotencyKey]],
  );
  if (keys.length === 0) return new Map();
  const rows = await deps.sql.read(
    `SELECT r.id, r.org_id, r.idempotency_key, r.request_hash FROM json_each(?) i
     CROSS JOIN runs r ON r.org_id = i.value ->> 0 AND r.idempotency_key = i.value ->> 1`,
    [JSON.stringify(keys)],
  );
  return new Map(
    rows.map((row) => [
      JSON.stringify([row.org_id, row.idempotency_key]),
      { runId: String(row.id), hash: String(row.request_hash) },
    ]),
  );
}

/** Answers the earlier run again. Errors: `conflict` where its key came with another body. */
export async function replaySubmit(deps: Deps, submit: Submit, earlier: Earlier): Promise<Submitted> {
  if (earlier.hash !== submit.hash) {
    const why = 'this Idempotency-Key was used for another submit; use a new key for a new body';
    throw new QgjobError('conflict', why);
  }
  const [found, [neverOffered = []]] = await Promise.all([
    readSubmitted(deps, earlier.runId),
    findNeverOffered(deps, [submit]),
  ]);
  return { ...found, replayed: true, warnings: warningsOf({ submit, neverOffered }) };
}

/** The run with all its jobs, in the order of the submit. */
export async function readSubmitted(deps: Deps, runId: string): Promise<{ run: Run; jobs: Job[] }> {
  const [run] = await deps.db.select().from(runs).where(eq(runs.id, runId));
  if (!run) throw new QgjobError('not_found', `no run ${runId}`);
  const rows = await readJobsOfRun(deps, runId);
  return { run: toRun(run, deps.settings.publicUrl), jobs: rows.map((row) => toJob(row)) };
}
