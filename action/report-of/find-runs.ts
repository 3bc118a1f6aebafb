import type { Client } from '../../client/index.ts';
import { limits } from '../../protocol/limits.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import { isFinal } from '../../protocol/states.ts';
import { type Leg, newestOfEach } from '../../report/newest-runs.ts';
import type { Tested } from './read-tested.ts';

/** A run that a workflow submitted. */
export interface Submitted {
  readonly run: Run;
  readonly github: NonNullable<Run['github']>;
}

export interface Found {
  /** Of each job, leg and step the newest, those that have ended first. */
  readonly legs: readonly Leg<Submitted>[];
  /** How many say to be of this workflow run, but not what GitHub says of it. */
  readonly strangers: number;
}

/** The runs that a workflow run submitted, as far as they are of its commit, repository, name and attempts. */
export async function findRuns(client: Client, tested: Tested, signal: AbortSignal): Promise<Found> {
  const all = await listAll(client, tested.runId, signal);
  const own = all.filter(({ github }) => isOf(github, tested));
  const legs = newestOfEach(own.toReversed());
  const hasEnded = ({ of: { run } }: Leg<Submitted>): boolean => isFinal(run.status);
  return {
    legs: [...legs.filter(hasEnded), ...legs.filter((leg) => !hasEnded(leg))],
    strangers: all.length - own.length,
  };
}

const isOf = (github: Submitted['github'], { headSha, repositoryId, workflow, attempt }: Tested): boolean =>
  github.sha === headSha &&
  github.repository_id === repositoryId &&
  github.workflow === workflow &&
  github.run_attempt <= attempt;

/** The newest first. */
async function listAll(client: Client, workflowRun: string, signal: AbortSignal): Promise<Submitted[]> {
  const found: Submitted[] = [];
  for (let cursor: string | undefined; ; ) {
    const query = { github_run_id: workflowRun, limit: limits.maxPageSize, ...(cursor && { cursor }) };
    const page = await client.call('listRuns', { query, signal });
    found.push(...page.runs.flatMap((run) => (run.github === null ? [] : [{ run, github: run.github }])));
    if (page.next_cursor === null) return found;
    cursor = page.next_cursor;
  }
}
