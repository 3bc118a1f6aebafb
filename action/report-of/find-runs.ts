import type { Client } from '../../client/index.ts';
import { limits } from '../../protocol/limits.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import type { Tested } from './read-tested.ts';

/** A run that a workflow submitted. */
export type Submitted = Run & { readonly github: NonNullable<Run['github']> };

/**
 * Of each job and leg of the workflow run the last attempt's run, in the order of their submits. A run that says to be of another
 * commit or repository than GitHub says is left out: `strangers` counts those.
 */
export async function findRuns(
  client: Client,
  tested: Tested,
): Promise<{ readonly runs: readonly Submitted[]; readonly strangers: number }> {
  const all = await listAll(client, tested.runId);
  const own = all.filter(
    ({ github }) => github.sha === tested.headSha && github.repository_id === tested.repositoryId,
  );
  const byLane = new Map<string, Submitted>();
  // The newest come first.
  for (const run of own.toReversed()) {
    const lane = JSON.stringify([run.github.job, run.github.leg, run.github.check_run_name]);
    const had = byLane.get(lane);
    if (had === undefined || had.github.run_attempt < run.github.run_attempt) byLane.set(lane, run);
    // Two of one attempt are two steps of a job: neither takes the other's place.
    else if (had.github.run_attempt === run.github.run_attempt) byLane.set(`${lane} ${run.run_id}`, run);
  }
  return { runs: [...byLane.values()], strangers: all.length - own.length };
}

async function listAll(client: Client, workflowRun: string): Promise<Submitted[]> {
  const found: Submitted[] = [];
  for (let cursor: string | undefined; ; ) {
    const query = { github_run_id: workflowRun, limit: limits.maxPageSize, ...(cursor && { cursor }) };
    const page = await client.call('listRuns', { query });
    found.push(...page.runs.filter((run): run is Submitted => run.github !== null));
    if (page.next_cursor === null) return found;
    cursor = page.next_cursor;
  }
}
