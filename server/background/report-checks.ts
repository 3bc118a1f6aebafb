import { describeCheck } from '../github/describe-check.ts';
import type { GithubApp } from '../github/github-app.ts';
import { type CheckTarget, writeCheck } from '../github/write-check.ts';
import {
  type Claimed,
  type GithubReport,
  noteCheck,
  readEvidence,
  readGithubReport,
  readReportJobs,
} from '../queue/outbox/index.ts';
import type { Deps } from '../queue/store/deps.ts';

/** Brings the check runs of a run to what they should be now, one for each target. Errors: GithubError. */
export async function reportChecks(
  deps: Deps,
  app: GithubApp,
  row: Claimed,
  signal: AbortSignal,
): Promise<void> {
  const report = await readGithubReport(deps, row);
  if (!report) return;
  const { run, targets, checks, failOnFlaky } = report;
  const jobs = report.isOver ? await readReportJobs(deps, run.run_id) : [];
  const evidence = await readEvidence(deps, jobs);
  for (const target of targets) {
    const known = checks.get(target);
    if (known && (known.isEnded || !report.isOver)) continue;
    const end = report.isOver
      ? describeCheck({ record: { run, jobs }, evidence }, target, failOnFlaky)
      : undefined;
    const id = await writeCheck(app, checkOf(report, target), end, known?.id, signal);
    await noteCheck(deps, run.run_id, target, id, report.isOver);
  }
}

/**
 * The name of the submit where there is one target and no matrix, else one of its own for each: legs with one name would take
 * each other's place, and a leg that passed would hide one that failed.
 */
function checkOf({ run, github, targets }: GithubReport, target: string): CheckTarget {
  const own = github.leg === undefined ? target : `${target}, ${github.leg.slice(0, 8)}`;
  const isOne = github.leg === undefined && targets.length === 1 && github.check_name !== '';
  return {
    repository: { id: github.repository_id, name: github.repository },
    ...{ sha: github.sha, url: run.url, startedAt: run.submitted_at },
    name: isOne ? github.check_name : `qgjob (${own})`,
    externalId: `${run.run_id}:${target}`,
  };
}
