import { type GithubFacts, pullRequestOf } from '../../protocol/github.ts';
import type { SubmitRun } from '../../protocol/shapes/run.ts';

/**
 * A submit, in which what GitHub proves about the workflow stands in place of what the body says. The body still names
 * the job, its check and its leg, which no OIDC token holds, and for a pull request its head commit: GitHub proves the
 * merge commit only. Without `facts` the body is as it was sent.
 */
export function withProof(body: SubmitRun, facts: GithubFacts | undefined): SubmitRun {
  if (facts === undefined) return body;
  const { github: said, branch: _branch, base: _base, ...settings } = body;
  const number = pullRequestOf(facts);
  const { pr_number: _number, base_ref: _ref, ...kept } = said ?? { job: '', check_name: '', sha: facts.sha };
  return {
    ...settings,
    // Without its job a run could stand for any other one of the pull request.
    ...(said === undefined && { supersede: false }),
    github: {
      ...kept,
      ...(number !== undefined && { pr_number: number }),
      repository: facts.repository,
      repository_id: facts.repository_id,
      sha: number === undefined ? facts.sha : kept.sha,
      ref: facts.ref,
      ...(facts.base_ref && { base_ref: facts.base_ref }),
      ...(facts.check_run_id && { check_run_id: facts.check_run_id }),
      event_name: facts.event_name,
      workflow: facts.workflow ?? said?.workflow ?? '',
      run_id: facts.run_id,
      run_attempt: facts.run_attempt,
    },
  };
}

/**
 * Whether the code is that of the commit at which a check run of this submit stands; for a pull request its merge commit
 * will do. Other code must turn nothing green. A submit that does not say its code is taken to have checked out the event's
 * commit.
 */
export function isOfItsCommit({ github }: SubmitRun, facts: GithubFacts): boolean {
  const code = github?.code_sha ?? facts.sha;
  return code === github?.sha || (github?.pr_number !== undefined && code === facts.sha);
}
