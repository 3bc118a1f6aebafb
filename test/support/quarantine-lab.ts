import { countTests } from '../../protocol/count-tests.ts';
import type { FinishJob } from '../../protocol/shapes/agent.ts';
import type { TestCase } from '../../protocol/shapes/job.ts';
import { finishAttempt } from '../../server/queue/attempts/finish-attempt.ts';
import {
  addQuarantine,
  listQuarantines,
  listTests,
  readTest,
  writeLedger,
} from '../../server/queue/ledger/index.ts';
import { listRuns } from '../../server/queue/runs/list-runs.ts';
import { anyOrg, everyone, openTestQueue, type TestQueue } from './queue.ts';

export const hour = 3_600_000;
export const day = 24 * hour;
export type Report = Partial<FinishJob>;
type Body = Parameters<TestQueue['submit']>[0];

export const commit = (digit: string) =>
  ({ source: { kind: 'git', repository: 'r', sha: digit.repeat(40) } }) as const;

/** A report of the cases of a file. */
export function told(cases: Readonly<Record<string, TestCase['status']>>): Report {
  const tests = Object.entries(cases).map(([name, status]) => ({ name, status, duration_ms: 1 }));
  return {
    verdict: tests.some(({ status }) => status === 'failed') ? 'failed' : 'passed',
    tests,
    report: { total: tests.length, ...countTests(tests), listed: tests.length, complete: true },
  };
}

/** What must not go wrong. */
export const fail = (error: unknown): void => {
  throw error;
};

export const errors: Report = { verdict: 'error', error_class: 'rejected' };

/** An org with one idle device, and tests in its ledger. */
export async function openQuarantineLab(given?: TestQueue, host = 'rack') {
  const queue = given ?? (await openTestQueue());
  const { deps } = queue;
  const agent = () => queue.agent(host, ['emulator']);
  /** What waits is executed, each as the next of these says, the last one for all others. */
  async function work(...reports: Report[]): Promise<number> {
    const rack = await agent();
    let n = 0;
    for (let lease = await rack.take(); lease; lease = await rack.take())
      for (const job of lease.jobs) {
        const attempt = job.next_attempt;
        const report = {
          ...{ attempt, duration_ms: 1, verdict: 'passed' },
          ...reports[Math.min(n, reports.length - 1)],
        };
        await finishAttempt(
          deps,
          everyone,
          { leaseId: lease.lease_id, jobId: job.job_id, attempt },
          report as FinishJob,
        );
        n += 1;
      }
    return n;
  }
  async function play(body: Body, ...reports: Report[]) {
    const settings = { retry_failed_tests: 0, max_retries: 0 } as const;
    const { run } = await queue.submit({ tests: ['a'], ...settings, ...body });
    await work(...reports);
    queue.advance(1000);
    return run.run_id;
  }
  async function idOf(title: string | null, path = 'a'): Promise<string> {
    while (await writeLedger(deps));
    const files = await listTests(deps, { kind: 'file' }, anyOrg);
    const { tests } = await listTests(deps, { limit: 500 }, anyOrg);
    const found = [...files.tests, ...tests].find((one) => one.test_path === path && one.title === title);
    return found?.test_id ?? '';
  }
  return {
    ...{ queue, deps, agent, work, play, idOf },
    async quarantine(title: string | null, ms = 10 * day, path = 'a') {
      const body = { test_id: await idOf(title, path), owner: '@ann', reason: 'slow backend' };
      const ends_at = new Date(deps.now() + ms).toISOString();
      return addQuarantine(deps, { ...body, ends_at }, anyOrg, 'token-1');
    },
    quarantines: async () => (await listQuarantines(deps, {}, anyOrg)).quarantines,
    /** Newest first. */
    hunts: async () => (await listRuns(deps, {}, anyOrg)).runs.filter(({ hunt }) => hunt !== null),
    test: async (title: string | null, path = 'a') => readTest(deps, await idOf(title, path), anyOrg),
  };
}
