import { oneLine } from '../../protocol/clean-text.ts';
import type { SubmitRun } from '../../protocol/shapes/run.ts';
import { plural } from '../output/counts.ts';
import { print, printJson, say } from '../output/print.ts';

/** Prints what would be submitted: one line for each job, or the body of the call. */
export function dryRun(body: SubmitRun, json: boolean): void {
  if (json) printJson(body);
  else printJobs(body);
}

function printJobs(body: SubmitRun): void {
  const targets = body.targets ?? [body.target];
  const jobs = targets.flatMap((target) => body.tests.map((test) => [test, target]));
  const org = body.org_id === undefined ? '' : ` of ${body.org_id}`;
  say(`would submit ${plural(jobs.length, 'job')} for app version ${body.app_version_id}${org}:`);
  // Without a target the server's own default counts.
  for (const [test = '', target = '(default target)'] of jobs) print(`${oneLine(test)}  ${target}`);
}
