import type { GithubApp } from '../github/github-app.ts';
import { GithubError } from '../github/github-call.ts';
import { type Claimed, settleTold, settleUntold } from '../queue/outbox/index.ts';
import type { Deps } from '../queue/store/deps.ts';
import type { OutboxLog } from './deliver-webhook.ts';
import type { Deliver } from './outbox-sender.ts';
import { reportChecks } from './report-checks.ts';
import { reportComment } from './report-comment.ts';

export interface GithubOptions {
  readonly app: GithubApp;
  readonly log: OutboxLog;
}

interface Kind {
  /** For people. */
  readonly what: string;
  /** What the App must be allowed to do. */
  readonly needs: string;
  readonly report: (deps: Deps, app: GithubApp, row: Claimed, signal: AbortSignal) => Promise<void>;
}

const checks: Kind = {
  ...{ what: 'the check runs of a run', needs: 'Checks: read and write' },
  report: reportChecks,
};
const comment: Kind = {
  ...{ what: 'the comment of a pull request', needs: 'Pull requests: read and write' },
  report: reportComment,
};

// Ends before the row's claim does: another server writes nothing meanwhile.
const forMs = 45_000;

/** Brings what GitHub shows of a run to what it should be now. Each row asks for that anew, so it may be delivered twice. */
export const deliverGithub = (deps: Deps, { app, log }: GithubOptions): Deliver => {
  const refused = new Set<string>();
  return async (row, stopped) => {
    const kind = row.kind === 'github.comment' ? comment : checks;
    // Of a repository: what it refuses is said once, until it takes something again.
    const place = `${row.lane} ${row.kind}`;
    try {
      await kind.report(deps, app, row, AbortSignal.any([stopped, AbortSignal.timeout(forMs)]));
      refused.delete(place);
      await settleTold(deps, row);
      return true;
    } catch (error) {
      if (stopped.aborted || !(error instanceof GithubError)) throw error;
      const seen = { run_id: row.subject, org_id: row.orgId, tries: row.tries, why: error.message };
      if (!error.isPassing) {
        const say = refused.has(place) ? 'info' : 'warn';
        log[say]({ ...seen, needs: kind.needs }, `GitHub refuses ${kind.what}, and is not asked again`);
        refused.add(place);
        await settleTold(deps, row);
        // The others of the repository may go well.
        return true;
      }
      const isGivenUp = await settleUntold(deps, row, error.message, error.askedMs);
      if (isGivenUp) log.warn(seen, `given up: ${kind.what}`);
      else log.info(seen, `GitHub did not take ${kind.what}`);
      return false;
    }
  };
};
