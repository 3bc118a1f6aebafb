import { randomUUID } from 'node:crypto';
import type { Client } from '../../client/index.ts';
import { oneLine } from '../../protocol/clean-text.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { exitCodes } from '../../protocol/exit-codes.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Counts } from '../../protocol/shapes/run.ts';
import { plural } from '../../protocol/words.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect, retrySubmitForMs } from '../connect.ts';
import { type IdFlags, type NamedId, readIds } from '../ids.ts';
import { totalOf } from '../output/counts.ts';
import { print, printJson, say } from '../output/print.ts';
import { refuseTimeoutAlone, type WaitFlags } from '../wait/wait-flags.ts';
import { waitFor } from '../wait/wait-for.ts';
import { endedRed, readAllDeadLetters } from './read-dead-letters.ts';

export interface RetryFlags extends ConnectionFlags, IdFlags, WaitFlags {
  readonly all?: true;
  readonly orgId?: string;
}

/** The result: the new runs, how many jobs they take up, and the exit code of refusals. */
interface Retried {
  readonly runs: string[];
  jobs: number;
  exitCode: number;
}

/** Runs dead letters again; resolves to the exit code. Errors: `invalid`; the server's before the first retry. */
export async function retryDeadLetters(given: readonly string[], flags: RetryFlags): Promise<number> {
  refuseTimeoutAlone(flags);
  const ids = idsOf(given, flags);
  const client = connect(flags, retrySubmitForMs);
  const letters = ids ? await readNamed(client, ids) : await readAllDeadLetters(client, flags.orgId);
  const retried = await retryAll(client, letters, flags.json ?? false);
  say(letters.length === 0 ? 'no dead letters' : summary(retried));
  if (!flags.wait || retried.runs.length === 0) return retried.exitCode;
  const runs = retried.runs.map((id) => ({ id, kind: 'run' as const }));
  const waited = await waitFor(client, runs, { timeoutMs: flags.timeout, json: flags.json ?? false });
  return waited || retried.exitCode;
}

const summary = ({ runs, jobs }: Retried): string =>
  `${plural(jobs, 'dead letter')} taken up in ${plural(runs.length, 'new run')}`;

/** The jobs named; undefined for all. Errors: `invalid`. */
function idsOf(given: readonly string[], flags: RetryFlags): readonly NamedId[] | undefined {
  const named = [...given, ...(flags.jobId ?? []), ...(flags.id ?? [])];
  if (flags.all) {
    if (named.length > 0) throw new QgjobError('invalid', 'name jobs or give --all, not both');
    return undefined;
  }
  if (flags.orgId !== undefined)
    throw new QgjobError('invalid', '--org-id goes with --all; a job names its org');
  if (named.length === 0) throw new QgjobError('invalid', 'no job given; name jobs, or give --all');
  const ids = readIds(given, flags);
  const run = ids.find(({ kind }) => kind === 'run');
  if (run === undefined) return ids;
  throw new QgjobError(
    'invalid',
    `${run.id} is a run: \`qgjob retry ${run.id} --failed\` runs what did not pass of it`,
  );
}

/** Reads all before any is retried. Newest first, as in a list. Errors: `not_found`, `conflict`. */
async function readNamed(client: Client, ids: readonly NamedId[]): Promise<Job[]> {
  const jobs = await Promise.all(ids.map(({ id }) => client.call('getJob', { params: { id } })));
  const other = jobs.find((job) => !endedRed(job));
  if (other === undefined) return jobs.reverse();
  const advice = `\`qgjob retry ${other.job_id}\` runs any final job again`;
  throw new QgjobError('conflict', `${other.job_id} is ${other.status}, so it is no dead letter; ${advice}`);
}

/** Run by run. When one is refused (another user was faster, say), the others are still retried. */
async function retryAll(client: Client, letters: readonly Job[], json: boolean): Promise<Retried> {
  const key = randomUUID();
  const retried: Retried = { runs: [], jobs: 0, exitCode: exitCodes.success };
  const retryOne = async ({ route, id, jobs }: PlannedRetry): Promise<void> => {
    // One key per command and id: a call that is sent twice, because its answer was lost, makes one run.
    const input = { params: { id }, body: { only: 'failed' as const }, idempotencyKey: `${key}:${id}` };
    const answer = await client.call(route, input);
    if (json) printJson(answer);
    else print(answer.run.run_id);
    retried.runs.push(answer.run.run_id);
    retried.jobs += jobs;
  };
  for (const [runId, jobs] of groupByRun(letters)) {
    const planned = await orSay(retried, () => planRetries(client, runId, jobs));
    for (const one of planned ?? []) await orSay(retried, () => retryOne(one));
  }
  return retried;
}

/** Prints a refusal of one row. Throws any other error, since the next row would meet it too. */
async function orSay<T>(retried: Retried, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof QgjobError) || !ofOneRow.has(error.code)) throw error;
    say(`qgjob: ${oneLine(error.message)}`);
    retried.exitCode = Math.max(retried.exitCode, error.exitCode);
    return undefined;
  }
}

const ofOneRow: ReadonlySet<string> = new Set(['not_found', 'conflict', 'invalid']);

/** One call, which makes one new run: of all jobs of a run that did not pass, or of one job. */
interface PlannedRetry {
  readonly route: 'retryRun' | 'retryJob';
  readonly id: string;
  readonly jobs: number;
}

// Above every rev: only the counts of the run are needed, not its jobs.
const noJobs = { after_rev: 999_999_999_999 };

/** The calls that retry exactly these jobs of one run: as one new run where that is possible. */
async function planRetries(client: Client, runId: string, jobs: readonly Job[]): Promise<PlannedRetry[]> {
  const { counts } = await client.call('getRun', { params: { id: runId }, query: noJobs });
  if (isAllThatDidNotPass(counts, jobs.length)) return [{ route: 'retryRun', id: runId, jobs: jobs.length }];
  return jobs.map((job) => ({ route: 'retryJob', id: job.job_id, jobs: 1 }));
}

// The jobs are some of those that did not pass, so an equal number means that they are all of them.
const isAllThatDidNotPass = (counts: Counts, jobs: number): boolean =>
  totalOf(counts) - counts.passed === jobs;

/** Jobs by their run, the oldest run first. `jobs` are newest first, as in a list. */
function groupByRun(jobs: readonly Job[]): Map<string, Job[]> {
  const groups = new Map<string, Job[]>();
  for (const job of [...jobs].reverse()) {
    const group = groups.get(job.run_id);
    if (group) group.push(job);
    else groups.set(job.run_id, [job]);
  }
  return groups;
}
