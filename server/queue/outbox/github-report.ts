import { QgjobError } from '../../../protocol/errors.ts';
import type { Job } from '../../../protocol/shapes/job.ts';
import type { Github } from '../../../protocol/shapes/origin.ts';
import type { Run, SubmitRun } from '../../../protocol/shapes/run.ts';
import { isFinal } from '../../../protocol/states.ts';
import { findRun } from '../runs/index.ts';
import type { Deps } from '../store/deps.ts';
import { readJobsOfRun, withTests } from '../store/read-job.ts';
import { toJob, toRun } from '../store/to-wire.ts';
import type { Claimed } from './claim-rows.ts';
import { countGivenUp, deleteRow, isOver, putOff } from './settle-rows.ts';

/** What GitHub is to be told of a run. */
export interface GithubReport {
  readonly run: Run;
  readonly github: Github;
  readonly failOnFlaky: boolean;
  readonly isOver: boolean;
  /** Those of the submit: also one whose jobs all passed in an earlier attempt, and are not in this run. */
  readonly targets: readonly string[];
  /** The check runs that were written before, by target. */
  readonly checks: ReadonlyMap<string, { readonly id: number; readonly isEnded: boolean }>;
}

/** Undefined: the run was deleted meanwhile, or is not of GitHub. */
export async function readGithubReport(
  deps: Deps,
  { subject, orgId }: Claimed,
): Promise<GithubReport | undefined> {
  const row = await findRun(deps, subject, { orgId }).catch((error: unknown) => {
    if (error instanceof QgjobError && error.code === 'not_found') return undefined;
    throw error;
  });
  if (!row || row.github === null) return undefined;
  const batches = await deps.sql.read('SELECT target FROM batches WHERE run_id = ? ORDER BY id', [subject]);
  const { targets = [] } = JSON.parse(row.settings) as Pick<SubmitRun, 'targets'>;
  const known = await deps.sql.read('SELECT target, check_id, ended FROM github_checks WHERE run_id = ?', [
    subject,
  ]);
  const run = toRun(row, deps.settings.publicUrl);
  return {
    run,
    github: JSON.parse(row.github) as Github,
    failOnFlaky: row.failOnFlaky === 1,
    isOver: isFinal(run.status as Job['status']),
    targets: [...new Set([...targets, ...batches.map(({ target }) => String(target))])],
    checks: new Map(
      known.map((one) => [String(one.target), { id: Number(one.check_id), isEnded: one.ended === 1 }]),
    ),
  };
}

/** The jobs of a run; those that did not pass, and some that passed after a failure, with their tests: as many as fit into memory. */
export async function readReportJobs(deps: Deps, runId: string): Promise<Job[]> {
  const rows = await readJobsOfRun(deps, runId);
  const open = [
    ...rows.filter(({ status }) => status !== 'passed'),
    ...rows.filter(({ status, outcome }) => status === 'passed' && outcome === 'flaky'),
  ];
  const withWords = await withTests(deps, open.slice(0, 200));
  const told = new Map(withWords.map((job) => [job.job_id, job]));
  return rows.map((row) => told.get(row.id) ?? toJob(row));
}

/** The check run of a target is there. */
export async function noteCheck(
  deps: Deps,
  runId: string,
  target: string,
  checkId: number,
  isEnded: boolean,
): Promise<void> {
  await deps.sql.write([
    {
      sql: `INSERT INTO github_checks (run_id, target, check_id, ended) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET check_id = excluded.check_id, ended = max(ended, excluded.ended)`,
      args: [runId, target, checkId, Number(isEnded)],
    },
  ]);
}

/** GitHub has been told, or never will be. */
export async function settleTold(deps: Deps, row: Claimed): Promise<void> {
  await deps.sql.write([deleteRow(row)]);
}

/** Puts the row off, or gives it up after three days: true. */
export async function settleUntold(
  deps: Deps,
  row: Claimed,
  error: string,
  askedMs: number,
): Promise<boolean> {
  const isGivenUp = isOver(deps, row);
  await deps.sql.write([isGivenUp ? deleteRow(row) : putOff(deps, row, error, askedMs)]);
  countGivenUp(deps, row.lane, Number(isGivenUp));
  return isGivenUp;
}
