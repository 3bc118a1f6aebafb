import * as core from '@actions/core';
import { namesOfSubmit } from '../../report/check-names.ts';
import { openChecks } from '../checks/open-checks.ts';
import type { Tested } from './read-tested.ts';
import type { ReportedRun, ReportOf } from './reported-run.ts';

/**
 * Writes the check run of each target, named as the step itself names them. `taken` has the names of other runs of this workflow
 * run: two check runs of one name would hide each other.
 */
export async function writeRunChecks(
  { inputs: { githubToken: token, checkName, failOnFlaky }, repository, stop }: ReportOf,
  { headSha: sha }: Tested,
  { leg: { of }, followed, failure }: ReportedRun,
  taken: Set<string>,
): Promise<void> {
  const { run, jobs } = followed.record;
  const targets = [...new Set(jobs.map(({ target }) => target))];
  const wanted = namesOfSubmit({ ...of.github, check_template: checkName }, targets);
  const names = new Map([...wanted].map(([target, name]) => [target, takeName(name, taken)]));
  if (names.size === 0) return;
  const checks = openChecks({ token, repository, run, sha, names, stop, mayExist: true });
  const { why } = await checks.complete({ followed, failure, failOnFlaky, repository: undefined });
  if (why !== undefined) core.notice(why);
}

/** The name, or with `#2` behind where another run has it. */
function takeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let use = 2; taken.has(free); use += 1) free = `${name} #${use}`;
  taken.add(free);
  return free;
}
