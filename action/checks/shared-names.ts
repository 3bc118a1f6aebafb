import type { Client } from '../../client/index.ts';
import { limits } from '../../protocol/limits.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import { namesOfSubmit } from '../../report/check-names.ts';

const callMs = 5000;

/**
 * The name of a check run that another job of the same workflow run writes too, and that job: the later one takes the other's
 * place at GitHub, so that a pass would hide a failure. Undefined where there is none, or where the server does not answer.
 */
export async function findSharedName(
  client: Client,
  { run_id: id, github }: Run,
  targets: readonly string[],
  stop: AbortSignal,
): Promise<{ readonly name: string; readonly job: string } | undefined> {
  if (github === null) return undefined;
  const query = { github_run_id: github.run_id, limit: limits.maxPageSize };
  const { runs } = await client
    .call('listRuns', { query, signal: AbortSignal.any([stop, AbortSignal.timeout(callMs)]) })
    .catch(() => ({ runs: [] as Run[] }));
  const own = new Set(namesOfSubmit(github, targets).values());
  for (const other of runs) {
    const theirs = other.github;
    if (other.run_id === id || theirs === null || theirs.run_attempt !== github.run_attempt) continue;
    const name = [...namesOfSubmit(theirs, targets).values()].find((one) => own.has(one));
    if (name !== undefined && theirs.repository_id === github.repository_id) return { name, job: theirs.job };
  }
  return undefined;
}
