import { QgjobError } from '../../protocol/errors.ts';
import type { RunnerEnvironment } from '../config.ts';

/** What started the workflow, from the runner and the event file. Not checked yet. */
export interface Trigger {
  readonly repository: string;
  readonly repositoryId: string;
  readonly eventName: string;
  /** GITHUB_SHA: for a pull request the merge commit. */
  readonly sha: string;
  /** The head commit of the pull request or the merge group. */
  readonly headSha: string | undefined;
  /** The branch that it is to be merged into. */
  readonly baseRef: string | undefined;
  readonly prNumber: number | undefined;
  readonly ref: string;
  readonly workflow: string;
  readonly job: string;
  /** NaN where there is none. */
  readonly runId: number;
  readonly runAttempt: number;
  /** The id of the step, which is another for each use of the Action in a job. */
  readonly step: string;
  /** A fork's or Dependabot's pull request, for which GitHub gives out a token that only reads. */
  readonly isReadOnly: boolean;
}

interface EventPayload {
  readonly pull_request?: {
    readonly number?: unknown;
    readonly head?: { readonly sha?: unknown; readonly repo?: { readonly id?: unknown } | null };
    readonly base?: { readonly ref?: unknown; readonly repo?: { readonly id?: unknown } | null };
  };
  readonly merge_group?: { readonly head_sha?: unknown; readonly base_ref?: unknown };
  readonly repository?: { readonly id?: unknown };
}

/** Errors: `invalid` when the event file cannot be read. */
export async function readTrigger(environment: RunnerEnvironment): Promise<Trigger> {
  const context = await loadContext();
  const event = context.payload as EventPayload;
  const { number, head, base } = event.pull_request ?? {};
  const group = event.merge_group;
  return {
    repository: environment.repository,
    repositoryId: environment.repositoryId || String(event.repository?.id ?? ''),
    eventName: context.eventName ?? '',
    sha: context.sha ?? '',
    headSha: textOf(head?.sha) ?? textOf(group?.head_sha),
    baseRef: textOf(base?.ref) ?? textOf(group?.base_ref),
    prNumber: typeof number === 'number' ? number : undefined,
    ref: context.ref ?? '',
    workflow: context.workflow ?? '',
    job: context.job ?? '',
    runId: context.runId,
    runAttempt: context.runAttempt,
    step: context.action ?? '',
    isReadOnly: context.actor === 'dependabot[bot]' || isFork(event),
  };
}

/** A fork that was deleted has no repository any more. */
function isFork({ pull_request: pull }: EventPayload): boolean {
  if (pull?.head === undefined || pull.base === undefined) return false;
  return pull.head.repo?.id === undefined || pull.head.repo.id !== pull.base.repo?.id;
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** Loaded late: on load the toolkit reads the event file, and throws the error of JSON.parse. */
async function loadContext() {
  try {
    return (await import('@actions/github')).context;
  } catch (error) {
    throw new QgjobError('invalid', `the event file (GITHUB_EVENT_PATH): ${(error as Error).message}`);
  }
}
