import { createHash } from 'node:crypto';

/** What tells one step of one attempt of one workflow run from all others. */
export interface StepIdentity {
  readonly repository: string;
  readonly runId: string;
  readonly runAttempt: string;
  readonly job: string;
  readonly matrix: string;
  /** GITHUB_ACTION: the step's id, or one made by the runner. */
  readonly step: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Tells the legs of a matrix apart; undefined in a job without one. */
export function legOf(matrix: string): string | undefined {
  return ['', 'null', '{}'].includes(matrix.trim()) ? undefined : sha256(matrix).slice(0, 16);
}

/** The same for each repeat of the same submit, so that a lost answer never makes a second run. */
export function idempotencyKey(identity: StepIdentity): string {
  const { repository, runId, runAttempt, job, matrix, step } = identity;
  const parts = [repository, runId, runAttempt, job, legOf(matrix) ?? '', step];
  return `github-${sha256(JSON.stringify(parts)).slice(0, 48)}`;
}
