import { namesOfSubmit } from '../../report/check-names.ts';
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

/** Brings the check runs of a run to what they should be now, one for each target of its submit. Errors: GithubError. */
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
  for (const [target, name] of namesOfSubmit(report.github, targets)) {
    const known = checks.get(target);
    if (known && (known.isEnded || !report.isOver)) continue;
    const end = report.isOver
      ? describeCheck({ record: { run, jobs }, evidence }, target, failOnFlaky)
      : undefined;
    const id = await writeCheck(app, checkOf(report, target, name), end, known?.id, signal);
    await noteCheck(deps, run.run_id, target, id, report.isOver);
  }
}

const checkOf = ({ run, github }: GithubReport, target: string, name: string): CheckTarget => ({
  repository: { id: github.repository_id, name: github.repository },
  ...{ sha: github.sha, url: run.url, startedAt: run.submitted_at },
  ...{ name, externalId: `${run.run_id}:${target}` },
});
