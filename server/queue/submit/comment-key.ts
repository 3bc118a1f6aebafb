import type { Run, SubmitRun } from '../../../protocol/shapes/run.ts';

/**
 * What the runs of one comment in a pull request have in common. Null: the server writes none, since another one reports the
 * run, it is of no pull request, or nobody asked for a comment.
 */
export function commentKey(
  { github, comment }: SubmitRun,
  reportBy: Run['report_by'] | undefined,
): string | null {
  if (reportBy !== 'server' || github?.pr_number === undefined) return null;
  if (comment === undefined || comment === 'off') return null;
  return JSON.stringify([github.repository_id, github.pr_number, github.workflow]);
}
