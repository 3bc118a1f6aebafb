import { createHash } from 'node:crypto';
import { shortLine } from '../../protocol/clean-text.ts';
import type { Github } from '../../protocol/shapes/origin.ts';
import { legWords } from '../../report/check-names.ts';
import type { Trigger } from './read-trigger.ts';

interface Check {
  /** The check run of the job itself: its id; '' where the runner does not say it. */
  readonly id: string;
  readonly name?: string | undefined;
  /** The input `check-name`. */
  readonly template?: string;
}

const isCommit = (text: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
const isPositive = (value: number): boolean => Number.isSafeInteger(value) && value > 0;

/**
 * The workflow, as a submit describes it. Undefined where a part is missing (another CI, an old GitHub server): the
 * server refuses an incomplete one, and a run can do without it. `codeSha` is the commit that is checked out, if known.
 */
export function describeGithub(
  trigger: Trigger,
  matrix: string,
  targets: readonly string[],
  check: Check = { id: '' },
  codeSha?: string,
): Github | undefined {
  const { repository, repositoryId, eventName, ref, workflow, job, prNumber } = trigger;
  const sha = trigger.headSha ?? trigger.sha;
  const words = [repository, repositoryId, eventName, ref, workflow, job];
  if (words.includes('') || !/^\d{1,30}$/.test(repositoryId) || !isCommit(sha)) return undefined;
  if (!isPositive(trigger.runId) || !isPositive(trigger.runAttempt)) return undefined;
  const [leg, legName] = [legOf(matrix), legWords(matrix)];
  return {
    repository: repository.slice(0, 200),
    repository_id: repositoryId,
    ...(prNumber !== undefined && isPositive(prNumber) && { pr_number: prNumber }),
    sha,
    ...(codeSha !== undefined && { code_sha: codeSha }),
    ref: ref.slice(0, 500),
    ...(trigger.baseRef !== undefined && { base_ref: trigger.baseRef.slice(0, 500) }),
    event_name: eventName.slice(0, 100),
    workflow: workflow.slice(0, 500),
    job: job.slice(0, 200),
    check_name: `qgjob (${targets.join(', ')})`.slice(0, 200),
    ...(check.template !== undefined && { check_template: shortLine(check.template, 200) }),
    ...(leg !== undefined && { leg }),
    ...(legName !== undefined && { leg_name: legName }),
    ...(trigger.step !== '' && { step: trigger.step.slice(0, 200) }),
    ...(/^\d{1,20}$/.test(check.id) && { check_run_id: check.id }),
    ...(check.name !== undefined && { check_run_name: check.name }),
    run_id: String(trigger.runId),
    run_attempt: trigger.runAttempt,
  };
}

/** An id of a matrix leg, made from the matrix context as JSON; undefined in a job without a matrix. */
export function legOf(matrix: string): string | undefined {
  if (['', 'null', '{}'].includes(matrix.trim())) return undefined;
  // A leg may run again on a runner of another system.
  const text = matrix.replaceAll('\r\n', '\n');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
