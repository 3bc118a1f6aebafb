import { describeCheck } from '../github/describe-check.ts';
import type { GithubApp } from '../github/github-app.ts';
import { GithubError } from '../github/github-call.ts';
import { type CheckTarget, writeCheck } from '../github/write-check.ts';
import {
  type GithubReport,
  noteCheck,
  readGithubReport,
  readReportJobs,
  settleTold,
  settleUntold,
} from '../queue/outbox/index.ts';
import type { Deps } from '../queue/store/deps.ts';
import type { OutboxLog } from './deliver-webhook.ts';
import type { Deliver } from './outbox-sender.ts';

export interface GithubOptions {
  /** Undefined: this server has none any more. */
  readonly app: GithubApp | undefined;
  readonly log: OutboxLog;
}

/**
 * Brings the check runs of a run to what they should be now, one for each target. Each row asks for that anew, so it may be
 * delivered twice.
 */
export const deliverGithub =
  (deps: Deps, { app, log }: GithubOptions): Deliver =>
  async (row, signal) => {
    const report = await readGithubReport(deps, row);
    if (!report || !app) {
      await settleTold(deps, row);
      return true;
    }
    try {
      await writeChecks(deps, app, report, signal);
      await settleTold(deps, row);
      return true;
    } catch (error) {
      if (signal.aborted || !(error instanceof GithubError)) throw error;
      const seen = { run_id: row.subject, org_id: row.orgId, tries: row.tries, why: error.message };
      if (!error.isPassing) {
        log.warn(seen, 'GitHub refuses the check runs of a run, and is not asked again');
        await settleTold(deps, row);
        // The others of the repository may go well.
        return true;
      }
      const isGivenUp = await settleUntold(deps, row, error.message, error.askedMs);
      if (isGivenUp) log.warn(seen, 'the check runs of a run were given up');
      else log.info(seen, 'GitHub did not take the check runs of a run');
      return false;
    }
  };

async function writeChecks(
  deps: Deps,
  app: GithubApp,
  report: GithubReport,
  signal: AbortSignal,
): Promise<void> {
  const { run, targets, checks, failOnFlaky } = report;
  const jobs = report.isOver ? await readReportJobs(deps, run.run_id) : [];
  for (const target of targets) {
    const known = checks.get(target);
    if (known && (known.isEnded || !report.isOver)) continue;
    const end = report.isOver ? describeCheck({ run, jobs }, target, failOnFlaky) : undefined;
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
