import { QgjobError } from '../../../protocol/errors.ts';
import type { RetryBody, SubmitRun } from '../../../protocol/shapes/run.ts';
import { isFinal, type RunStatus } from '../../../protocol/states.ts';
import type { Actor } from '../store/audit-line.ts';
import type { Deps } from '../store/deps.ts';
import { findJob, readJobsOfRun } from '../store/read-job.ts';
import type { JobRow, RunRow } from '../store/rows.ts';
import type { Viewer } from '../store/viewer.ts';
import { type AuditedSubmit, type Submitted, submitRun } from '../submit/index.ts';
import { findOwnRun } from './read-run.ts';

export interface RetryInput {
  readonly id: string;
  readonly only?: RetryBody['only'];
  readonly idempotencyKey?: string | undefined;
  /** Who asks for it, for the audit log. */
  readonly by?: Actor;
}

/**
 * Submits a new run with the settings of an old one: all its jobs, or those that did not pass. Errors: `not_found`,
 * `conflict` while the old run is not final, `invalid` when no job is left to retry, and those of `submitRun`.
 */
export async function retryRun(deps: Deps, input: RetryInput, viewer: Viewer): Promise<Submitted> {
  const run = await findOwnRun(deps, input.id, viewer);
  if (!isFinal(run.status as RunStatus)) {
    throw new QgjobError('conflict', `run ${run.id} is not final yet; cancel it or wait for its end`);
  }
  const rows = await readJobsOfRun(deps, run.id);
  const wanted = input.only === 'failed' ? rows.filter((row) => row.status !== 'passed') : rows;
  if (wanted.length === 0)
    throw new QgjobError('invalid', `every job of run ${run.id} passed; nothing to retry`);
  return resubmit(deps, run, wanted, { ...input, action: 'run.retried' }, viewer);
}

/** The same for one job. Errors: as above. */
export async function retryJob(deps: Deps, input: RetryInput, viewer: Viewer): Promise<Submitted> {
  const job = await findJob(deps, input.id, viewer);
  if (job.finalizedAt === null) {
    throw new QgjobError('conflict', `job ${job.id} is not final yet; cancel it or wait for its end`);
  }
  if (input.only === 'failed' && job.status === 'passed') {
    throw new QgjobError('invalid', `job ${job.id} passed; nothing to retry`);
  }
  const run = await findOwnRun(deps, job.runId, viewer);
  return resubmit(deps, run, [job], { ...input, action: 'job.retried' }, viewer);
}

type Settings = Omit<SubmitRun, 'tests'>;

/** A workflow, by whichever way it calls, holds no device, whatever the old run asked for. */
function resubmit(
  deps: Deps,
  run: RunRow,
  rows: readonly JobRow[],
  { id, idempotencyKey, by, action }: RetryInput & Pick<AuditedSubmit, 'action'>,
  { repositoryId }: Viewer,
): Promise<Submitted> {
  const { delay_ms: _delay, hold_minutes: held, ...settings } = JSON.parse(run.settings) as Settings;
  const body = {
    ...settings,
    ...(held !== undefined && repositoryId === undefined && { hold_minutes: held }),
    tests: rows.map((row) => row.testPath),
  };
  const specs = rows.map(({ testPath, target }) => ({ testPath, target }));
  return submitRun(
    deps,
    {
      ...{ orgId: run.orgId, body, idempotencyKey, retryOf: run.id },
      audited: by && { by, action, of: id },
      // What was proved of the run is as true of its retry, whoever asks for that.
      submittedBy: run.submittedBy,
    },
    specs,
  );
}
