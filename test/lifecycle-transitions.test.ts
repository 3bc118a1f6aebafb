import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jobStatuses, outcomes, waitReasons } from '../protocol/states.ts';
import { openModel } from './model/model.ts';
import { operation } from './model/operation.ts';
import { perform } from './model/perform.ts';
import { settle } from './model/settle.ts';
import { tables, transitions, wordsOf } from './support/lifecycle/page.ts';
import { transitionCases } from './support/lifecycle/transition-cases.ts';
import { openTestQueue, type TestQueue } from './support/queue.ts';

describe('every transition', () => {
  test('is numbered from 1 to 21, with an 8a, between existing states', () => {
    const numbers = Array.from({ length: 21 }, (_, n) => String(n + 1));
    expect([...transitions.keys()]).toEqual(numbers.toSpliced(8, 0, '8a'));
    const states = new Set([...transitions.values()].flat().flatMap((transition) => transition.split(' → ')));
    expect([...states].sort()).toEqual([...jobStatuses, 'flagged', '–'].sort());
    expect(Object.keys(transitionCases).sort()).toEqual([...transitions.keys()].sort());
  });

  test.each([...transitions])(
    'of row %s happens in the code, and no other one: %j',
    async (row, expected) => {
      const seen = new Set<string>();
      for (const prepare of transitionCases[row] ?? []) {
        const queue = await openTestQueue();
        const trigger = await prepare(queue);
        const before = await readStates(queue);
        await trigger();
        const after = await readStates(queue);
        const made = [...after].filter(
          ([id, now]) => before.get(id)?.state !== now.state && !isBystander(row, before, id),
        );
        expect(made.length).toBeGreaterThan(0);
        for (const [id, now] of made) seen.add(`${before.get(id)?.state ?? '–'} → ${now.state}`);
        noteEnds(after);
      }
      expect([...seen].sort()).toEqual([...expected].sort());
    },
  );

  test('is on the page, in random sequences too', async () => {
    const known = new Set(
      [...transitions.values()].flat().map((transition) => transition.replace('flagged', 'running')),
    );
    const sequences = fc.array(operation, { minLength: 20, maxLength: 60 });
    const property = fc.asyncProperty(sequences, async (operations) => {
      const model = await openModel();
      try {
        for (const one of operations) await perform(model, one);
        await settle(model);
        const rows = await model.deps.sql.read('SELECT DISTINCT was, type FROM events WHERE was IS NOT NULL');
        expect(
          rows.map(({ was, type }) => `${was} → ${type}`).filter((transition) => !known.has(transition)),
        ).toEqual([]);
      } finally {
        await model.close();
      }
    });
    await fc.assert(property, { seed: 2026, numRuns: 20, endOnFailure: true });
  });

  test('leads to one of the outcomes of the page, and every outcome is reached', () => {
    const outcomeRows = tables
      .filter(([word = '']) => outcomes.includes(wordsOf(word)[0] as never))
      .filter((row) => row.length === 3);
    const pairs = outcomeRows.map(([outcome, status]) => `${wordsOf(status)[0]} ${wordsOf(outcome)[0]}`);
    expect([...ends].sort()).toEqual(pairs.sort());
    expect([...waits].sort()).toEqual([...waitReasons].sort());
  });
});

const ends = new Set<string>();
const waits = new Set<string>();

interface JobState {
  readonly state: string;
  readonly status: string;
  readonly outcome: string | null;
  readonly wait: string | null;
}

/** The state of every job, by id. */
async function readStates(queue: TestQueue): Promise<Map<string, JobState>> {
  const rows = await queue.deps.sql.read(
    `SELECT id, status, outcome, wait_reason, cancel_requested_at FROM jobs`,
  );
  return new Map(
    rows.map((row) => {
      const isFlagged = row.status === 'running' && row.cancel_requested_at !== null;
      const status = String(row.status);
      const rest = {
        status,
        outcome: row.outcome as string | null,
        wait: row.wait_reason as string | null,
      };
      return [String(row.id), { ...rest, state: isFlagged ? 'flagged' : status }];
    }),
  );
}

/** The jobs of the newer run that supersedes are not part of the transition. */
const isBystander = (row: string, before: ReadonlyMap<string, JobState>, id: string): boolean =>
  row !== '1' && !before.has(id);

function noteEnds(after: ReadonlyMap<string, JobState>): void {
  for (const { status, outcome, wait } of after.values()) {
    if (outcome !== null) ends.add(`${status} ${outcome}`);
    if (wait !== null) waits.add(wait);
  }
}

test('what has not started loses nothing', async () => {
  for (const prepare of transitionCases['13'] ?? []) {
    const queue = await openTestQueue();
    const trigger = await prepare(queue);
    await trigger();
    const rows = await queue.deps.sql.read(
      'SELECT status, attempt, failures, test_failures, crashes, releases FROM jobs',
    );
    expect(rows.map((row) => ({ ...row }))).toEqual([
      { status: 'queued', attempt: 0, failures: 0, test_failures: 0, crashes: 0, releases: 0 },
    ]);
  }
});
