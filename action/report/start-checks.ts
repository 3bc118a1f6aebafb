import { namesOfSubmit } from '../../report/check-names.ts';
import type { RunRecord } from '../../report/run-record.ts';
import { verdictOf } from '../checks/describe-check.ts';
import { type Checks, keyOf, openChecks } from '../checks/open-checks.ts';
import type { Inputs } from '../inputs/inputs.ts';
import { rememberChecks } from '../state.ts';
import type { Plan } from '../submit/plan-submit.ts';

/**
 * Begins the check runs of a step. None where the server writes them, where no token was given, outside of GitHub, for
 * code of another commit, and where the step does not wait: nobody would complete them.
 */
export function startChecks(
  inputs: Inputs,
  { body: { github }, isStray }: Plan,
  { run }: RunRecord,
  stop: AbortSignal,
): Checks | undefined {
  const { githubToken: token, checkName, targets, wait } = inputs;
  if (isStray || token === '' || checkName === '' || !wait || run.report_by !== 'action' || !github)
    return undefined;
  const names = namesOfSubmit(github, targets);
  const { repository, sha } = github;
  const keys = [...names].map(([target, name]) => ({ target, ...keyOf({ run, sha }, target, name) }));
  rememberChecks({ repository, keys: keys.map(({ target: _, ...key }) => key) });
  const checks = openChecks({ token, repository, run, sha, names, stop });
  return {
    complete(ended) {
      // What cannot be written now is not to end as cancelled.
      const told = keys.map(({ target, ...key }) => ({ ...key, verdict: verdictOf(ended, target) }));
      rememberChecks({ repository, keys: told });
      return checks.complete(ended);
    },
  };
}
