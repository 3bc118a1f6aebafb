import { badInput } from '../inputs/parse.ts';

/** The run of a workflow that tested and could not report, as GitHub describes it to a `workflow_run` workflow. */
export interface Tested {
  /** GitHub's id of the run. */
  readonly runId: string;
  /** Its last attempt. */
  readonly attempt: number;
  /** How that ended, `success` or another word of GitHub; '' while it runs. */
  readonly conclusion: string;
  /** The name of the workflow. */
  readonly workflow: string;
  /** The commit at which its pull request or push stands. */
  readonly headSha: string;
  /** The repository of both workflows. */
  readonly repositoryId: string;
}

interface Payload {
  readonly workflow_run?: {
    readonly id?: unknown;
    readonly run_attempt?: unknown;
    readonly conclusion?: unknown;
    readonly name?: unknown;
    readonly head_sha?: unknown;
  };
  readonly repository?: { readonly id?: unknown };
}

/**
 * The run that this step reports. What it is about comes from GitHub's event alone: everything that the other workflow wrote
 * or submitted may be a stranger's. Errors: `invalid` outside of `workflow_run`, and where `wanted` is another run.
 */
export function readTested(wanted: string, payload: unknown): Tested {
  const { workflow_run: run, repository } = (payload ?? {}) as Payload;
  const [runId, repositoryId] = [run?.id, repository?.id].map((id) => String(id ?? ''));
  if (typeof run?.head_sha !== 'string' || !runId || !repositoryId)
    throw badInput('report-of', 'is for a workflow that starts `on: workflow_run`');
  if (wanted !== runId)
    throw badInput('report-of', `must be that of the event: \${{ github.event.workflow_run.id }}`);
  return {
    ...{ runId, headSha: run.head_sha, repositoryId, attempt: Number(run.run_attempt ?? 1) },
    ...{ conclusion: String(run.conclusion ?? ''), workflow: String(run.name ?? '') },
  };
}
