import * as fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import type { Mutant } from './model.ts';
import { checkSequences, randomRuns, runSequence, sequences } from './run-sequence.ts';

// The nightly run tries ten times as many. On a libSQL server each statement is a call.
const runs = randomRuns(inject('database') === 'sqld' && !inject('isNightly') ? 10 : 100);

test(
  `every invariant holds after every step of ${runs.numRuns} random sequences (QGJOB_SEED=${runs.seed})`,
  { timeout: 600_000 },
  () => checkSequences(runs),
);

const mutants: Mutant[] = [
  {
    name: 'the fence of a verdict',
    rewrite: (sql) =>
      sql.replace(
        /\(SELECT state FROM leases WHERE id = (?:j|jobs)\.lease_id\) = [\s\S]*?cancel_requested_at IS NOT NULL\) = \([^)]*\)/g,
        '1',
      ),
  },
  {
    name: 'the fence of a take',
    rewrite: (sql) => sql.replace(`jobs.status = 'queued' AND jobs.group_id`, 'jobs.group_id'),
  },
  {
    name: 'the cap of an org',
    rewrite: (sql) =>
      sql
        .replace(/AND \(o\.max_leases IS NULL OR[\s\S]*?< o\.max_leases\)/g, '')
        .replace(/o\.max_leases - \(\(SELECT count[\s\S]*?'active'\)\)/g, 'NULL'),
  },
  {
    name: 'the pause of a target',
    rewrite: (sql) => sql.replace(/AND \(o\.paused_targets = '\[\]' OR[\s\S]*?\)\)\)/g, ''),
  },
  {
    name: 'the count of report errors',
    rewrite: (sql) => sql.replace(/report_errors = i\.v ->> \d+/, 'report_errors = 0'),
  },
  {
    name: 'the last of the failed attempts',
    rewrite: (sql) =>
      sql.replace("a.verdict = 'failed' ORDER BY a.attempt DESC", "a.verdict = 'failed' ORDER BY a.attempt"),
  },
  {
    name: 'the tests that failed before',
    rewrite: (sql) => sql.replace('coalesce(a.merged_tests, a.tests) AS tests', 'a.tests'),
  },
  {
    name: 'what is left to run',
    rewrite: (sql) => sql.replace('only = excluded.only', 'only = only'),
  },
  {
    name: 'the owner of an install',
    rewrite: (sql) => sql.replace("AND ?3 IN ('', org_id)", ''),
  },
  {
    name: 'the fence of a borrowed device',
    rewrite: (sql) =>
      sql.startsWith('INSERT INTO leases')
        ? sql.replace(
            /AND NOT EXISTS \(SELECT 1 FROM borrows w WHERE w\.device_id = d\.id AND w\.status = 'active'\)/,
            '',
          )
        : sql.replace(
            /AND NOT EXISTS \(SELECT 1 FROM leases l WHERE l\.device_id = d\.id AND l\.state = 'active'\)/,
            '',
          ),
  },
  { name: 'the check of a lease’s token', isTrusting: true },
  { name: 'the idempotency index', prepare: 'DROP INDEX runs_idem' },
  {
    name: 'the end of a run that has failed often enough',
    prepare: `CREATE TRIGGER no_limit AFTER INSERT ON runs BEGIN UPDATE runs SET max_failures = NULL WHERE id = NEW.id; END`,
  },
  {
    name: 'the fence of a cancel',
    rewrite: (sql) =>
      sql.replace(/(outcome = 'cancelled'[\s\S]*)AND status IN \('waiting', 'queued', 'scheduled'\)/, '$1'),
  },
];

/** Those that find a mutant soon; others find it later. */
const seeds: Readonly<Record<string, number>> = {
  'the fence of a verdict': 1,
  'the cap of an org': 1,
  'the pause of a target': 1,
  'the count of report errors': 1,
  'the last of the failed attempts': 4,
  'what is left to run': 2,
  'the check of a lease’s token': 1,
};

/** Those that a libSQL server shows in a few seconds, and those that take long everywhere: the others show at night. */
const quick = ['the fence of a take', 'the owner of an install', 'the idempotency index'];
const slow = [
  ...['the last of the failed attempts', 'the tests that failed before', 'the fence of a borrowed device'],
];
const isTried = ({ name }: Mutant): boolean =>
  inject('isNightly') || (inject('database') === 'file' ? !slow.includes(name) : quick.includes(name));

test.each(mutants.filter(isTried))('without $name the model fails', { timeout: 600_000 }, async (mutant) => {
  let changed = false;
  const result = await fc.check(
    fc.asyncProperty(sequences, async (operations) => {
      changed = (await runSequence(operations, mutant)) || changed;
    }),
    // Always the same sequences, so that the result does not depend on chance.
    { seed: seeds[mutant.name] ?? 2026, numRuns: 900, endOnFailure: true },
  );
  expect(changed || result.failed || !mutant.rewrite).toBe(true);
  expect({ failed: result.failed, why: String(result.errorInstance) }).toMatchObject({ failed: true });
  expect(String(result.errorInstance)).toMatch(/broken|key|lease|took/);
});
