import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { concludeCheck } from '../action/follow/conclude-check.ts';
import { verdictCode } from '../cli/wait/verdict-code.ts';
import { parseDuration } from '../protocol/durations.ts';
import { type ErrorClass, errorClasses } from '../protocol/states.ts';
import type { Statement } from '../server/db/statement.ts';
import { finishAttempt } from '../server/queue/attempts/finish-attempt.ts';
import { type Change, nextJobState } from '../server/queue/attempts/next-job-state.ts';
import type { JobRow } from '../server/queue/store/rows.ts';
import { readSubmitted } from '../server/queue/submit/replay-submit.ts';
import { checkSentences, readChecks } from './support/lifecycle/checks.ts';
import { page, tables, wordsOf } from './support/lifecycle/page.ts';
import { type Ended, erroredReasons, runEnds } from './support/lifecycle/run-ends.ts';
import { transitionCases } from './support/lifecycle/transition-cases.ts';
import { readTables } from './support/markdown-table.ts';
import { everyone, openTestQueue } from './support/queue.ts';
import { projectRoot } from './support/sources.ts';

const counters = ['failures', 'testFailures', 'crashes', 'releases'] as const;
const fresh = {
  reportErrors: 0,
  ...{ failures: 0, testFailures: 0, crashes: 0, releases: 0, maxRetries: 3, retryFailedTests: 1 },
  cancelRequestedAt: null,
} as JobRow;

describe('an error of class', () => {
  const rows = new Map(
    tables.filter((row) => row.length === 7).map((row) => [wordsOf(row[0])[0] as ErrorClass, row.slice(2)]),
  );

  test.each(errorClasses)('%s costs what the page says', (errorClass) => {
    const [spends = '', waitsFor = '', then = '', device = ''] = rows.get(errorClass) ?? [];
    const changeOf = (job: JobRow, random = 0.5): Change =>
      nextJobState(job, { verdict: 'error', errorClass }, 0, random);
    const [counter] = wordsOf(spends);
    const budget = readBudget(spends);

    for (let spent = 0; spent <= Math.min(budget, 20); spent += 1) {
      const job = { ...fresh, ...(counter && { [counter]: spent }) } as JobRow;
      const change = changeOf(job);
      for (const name of counters) expect(change[name]).toBe(job[name] + (name === counter ? 1 : 0));
      const isEnd = spent === budget;
      if (spends.includes('only one retry')) {
        const again = changeOf({ ...job, reportErrors: 1 });
        expect(again).toMatchObject({ status: 'errored', outcome: wordsOf(then)[1], reportErrors: 2 });
      }
      const status = isEnd ? 'errored' : waitsFor.startsWith('none') ? 'queued' : 'waiting';
      expect(change).toMatchObject({ status, outcome: isEnd ? wordsOf(then)[1] : null });
      if (status !== 'waiting') continue;
      expect([changeOf(job, 0).runAt, changeOf(job, 1).runAt]).toEqual(readWait(waitsFor, spent));
      expect(change.avoid).toBe(device.includes('another one first'));
    }
  });

  test.each(errorClasses.filter((name) => name !== 'lost'))(
    '%s strikes the device or does not',
    async (errorClass) => {
      const queue = await openTestQueue();
      const agent = await queue.agent('rack', ['emulator']);
      await queue.submit({});
      const lease = await agent.mustTake();
      const ref = { leaseId: lease.lease_id, jobId: lease.jobs[0]?.job_id ?? '', attempt: 1 };
      const report = { attempt: 1, duration_ms: 1, verdict: 'error' as const, error_class: errorClass };
      await finishAttempt(queue.deps, everyone, ref, report);
      const [row] = await queue.deps.sql.read('SELECT strikes FROM devices');
      expect(row?.strikes).toBe(rows.get(errorClass)?.[3]?.includes('strike') ? 1 : 0);
    },
  );
});

/** How many errors a job may have before the one that ends it; 0: it ends at once. */
function readBudget(spends: string): number {
  if (spends.startsWith('none')) return 0;
  if (spends.includes('`max_retries`')) return fresh.maxRetries;
  const [, most] = /up to (\d+)/.exec(spends) ?? [];
  return most === undefined ? Number.POSITIVE_INFINITY : Number(most);
}

/** The shortest and the longest wait after this many errors, ms. */
function readWait(text: string, spent: number): [number, number] {
  const [first = 0, second = first] = [...text.matchAll(/(\d+) (s|min|h)\b/g)].map(
    ([, count, unit]) => parseDuration(`${count}${unit === 'min' ? 'm' : unit}`) ?? 0,
  );
  if (!text.includes('2ⁿ')) return [first, second];
  const most = Math.min(first * 2 ** spent, second);
  return [most / 2, most];
}

describe('a run', () => {
  const kinds = ['passed', 'flaky', 'failed', 'errored', 'cancelled'] as const;
  // Every combination of ends of its jobs, with every setting.
  const ways = Array.from({ length: 2 ** kinds.length - 1 }, (_, n) =>
    kinds.filter((_kind, bit) => ((n + 1) >> bit) & 1),
  ).flatMap((set) =>
    [false, true].flatMap((failOnFlaky) =>
      [false, true].flatMap((superseded) =>
        [{}, { stopped: true }, { known: true }, { quarantined: true }].map((more) => ({
          ...{ set, failOnFlaky, superseded, stopped: false, known: false, quarantined: false, ...more },
        })),
      ),
    ),
  );

  test('ends by the first row that fits, for all ends of its jobs', async () => {
    const queue = await openTestQueue();
    for (const way of ways) {
      const { set, failOnFlaky, superseded, stopped, known, quarantined } = way;
      const { run } = await queue.submit({
        ...{ tests: [...set], fail_on_flaky: failOnFlaky },
        // Its own statement does not come to it here: each job ends as it is told to.
        ...(stopped && { max_failures: 100 }),
        ...(known && { fail_on: 'new' }),
      });
      const reason = { sql: `UPDATE runs SET reason = 'superseded' WHERE id = ?`, args: [run.run_id] };
      const inQuarantine = [
        {
          sql: `INSERT INTO quarantines (id, org_id, test_id, repository_id, target, test_path, file, title, case_id, owner, reason,
                  merge_queue, pull_request, created_at, created_by, changed_at, changed_by, ends_at)
                VALUES ('qua_1', 'acme', '', '', '', '', '', '', '', '', '', 1, 1, 0, '', 0, '', 9e15) ON CONFLICT DO NOTHING`,
        },
        {
          sql: `UPDATE jobs SET quarantines = '[["qua_1","ann",1]]' WHERE run_id = ?`,
          args: [run.run_id],
        },
      ];
      const asKnown = { sql: 'UPDATE jobs SET known_failure = 1 WHERE run_id = ?', args: [run.run_id] };
      await queue.deps.sql.write([
        ...(superseded ? [reason] : []),
        ...(known ? [asKnown] : []),
        ...(quarantined ? inQuarantine : []),
        ...set.map((kind) =>
          endAs(kind, run.run_id, stopped && kind === 'cancelled' ? 'max_failures' : kind),
        ),
      ]);
      const { run: after, jobs } = await readSubmitted(queue.deps, run.run_id);
      const row = runEnds.find((end) => end.holds({ ...way, counts: countsOf(set) }));
      const tableRow = tables.find(([text]) => text === row?.jobs);
      const failure = concludeCheck({ ending: 'final', record: { run: after, jobs } }, undefined);
      const { status, conclusion } = after;
      expect({ ...way, status, conclusion, reason: after.reason }).toEqual({
        ...{ ...way, status: row?.status, conclusion: row?.conclusion },
        reason: superseded ? 'superseded' : row?.reason,
      });
      expect(String(verdictCode(after))).toBe(tableRow?.[4]);
      expect(failure === undefined).toBe(conclusion === 'success');
    }
  });

  test('that errored has the first reason that one of its jobs has, whatever the others have', async () => {
    const queue = await openTestQueue();
    const all = erroredReasons.flatMap(({ outcomes }) => outcomes);
    expect([...all].sort()).toEqual(
      tables
        .filter((row) => row.length === 3 && row[1] === '`errored`')
        .map(([word]) => wordsOf(word)[0])
        .sort(),
    );
    const sets = Array.from({ length: 2 ** all.length - 1 }, (_, n) =>
      all.filter((_outcome, bit) => ((n + 1) >> bit) & 1),
    );
    for (const set of sets) {
      const { run } = await queue.submit({ tests: [...set, 'passed'] });
      await queue.deps.sql.write([...set, 'passed'].map((kind) => endAs(kind, run.run_id)));
      const { run: after } = await readSubmitted(queue.deps, run.run_id);
      const first = erroredReasons.find(({ outcomes }) => outcomes.some((one) => set.includes(one)));
      expect([set, after.status, after.reason]).toEqual([set, 'errored', first?.reason]);
    }
  });

  test('can end by each row of the page', () => {
    const reached = ways.map((way) =>
      runEnds.find((end) => end.holds({ ...way, counts: countsOf(way.set) })),
    );
    expect(new Set(reached)).toEqual(new Set(runEnds));
  });
});

const countsOf = (set: readonly string[]): Ended['counts'] => ({
  passed: Number(set.includes('passed')) + Number(set.includes('flaky')),
  ...{ flaky: Number(set.includes('flaky')), failed: Number(set.includes('failed')) },
  ...{ errored: Number(set.includes('errored')), cancelled: Number(set.includes('cancelled')) },
});

/** Ends the job whose test path is the name of its end. */
function endAs(kind: string, runId: string, means = kind): Statement {
  const isError = erroredReasons.some(({ outcomes }) => outcomes.some((one) => one === kind));
  const status = kind === 'flaky' ? 'passed' : isError ? 'errored' : kind;
  const outcome = kind === 'errored' ? 'timeout' : means;
  return {
    sql: `UPDATE jobs SET status = ?, outcome = ?, finalized_at = 1, changed_at = 1 WHERE run_id = ? AND test_path = ?`,
    args: [status, outcome, runId, kind],
  };
}

test('the database refuses what breaks a CHECK', async () => {
  const queue = await openTestQueue();
  await (await transitionCases[5]?.[0]?.(queue))?.();
  for (const { name } of readChecks()) {
    const { broken = '' } = checkSentences[name] ?? {};
    await expect(queue.deps.sql.write([{ sql: broken }])).rejects.toThrow(name);
  }
});

test('the page lists exactly the CHECKs of the database', () => {
  expect(Object.keys(checkSentences).sort()).toEqual(
    readChecks()
      .map(({ name }) => name)
      .sort(),
  );
});

const cited = [...page.matchAll(/\| `([\w./-]+\.ts)`: (.+?) \|$/gm)].map(([, path = '', title = '']) => [
  path,
  title,
]);

test.each(cited)('%s contains what the page cites: %s', (path, title) => {
  const file = join(projectRoot, path);
  expect(existsSync(file)).toBe(true);
  expect(readFileSync(file, 'utf8')).toContain(title);
});

test('every invariant and every point of the lease protocol names its test', () => {
  const [, protocol = ''] = /## The lease protocol\n([\s\S]*?)\n## /.exec(page) ?? [];
  const points = [...protocol.matchAll(/^(\d+)\. /gm)].map(([, number]) => number);
  const named = [...protocol.matchAll(/^\| (\d+) \| `/gm)].map(([, number]) => number);
  expect([...new Set(named)]).toEqual(points);
  const [, invariants = ''] = /## What always holds\n([\s\S]*?)\n\n<!--/.exec(page) ?? [];
  expect(readTables(invariants).length).toBe([...invariants.matchAll(/ \| `[\w./-]+\.ts`: /g)].length + 1);
});
