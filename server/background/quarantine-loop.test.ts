import { expect, test } from 'vitest';
import { QgjobError } from '../../protocol/errors.ts';
import { commit, day, hour, openQuarantineLab, told } from '../../test/support/quarantine-lab.ts';
import { anyOrg } from '../../test/support/queue.ts';
import { removeQuarantine } from '../queue/ledger/index.ts';
import { createQuarantineLoop } from './quarantine-loop.ts';

const pays = told({ pays: 'passed' });

/** Two files whose cases are in quarantine. */
async function openLab() {
  const lab = await openQuarantineLab();
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  await lab.play({ ...commit('a'), tests: ['a', 'b'] }, told({ pays: 'failed' }));
  const made = await lab.quarantine('pays', 3 * day, 'a');
  await lab.quarantine('pays', 3 * day, 'b');
  const write = (sql: string) => lab.deps.sql.write([{ sql }]);
  const loop = createQuarantineLoop(lab.deps, day, onError);
  const look = async () => {
    await lab.agent();
    await loop.runOnce();
  };
  return { ...lab, errors, onError, loop, look, write, madeId: made.quarantine_id };
}

/** What nobody can read: a page of the disk that was written over, say. */
const spoil = (jobs: string): string =>
  `UPDATE attempts SET tests = 'garbage' WHERE job_id IN (SELECT id FROM jobs WHERE ${jobs})`;

const found = { hunt: { observed: 20 }, hunting_run_id: null };

test('a result that cannot be read is told, and holds up no other one', async () => {
  const lab = await openLab();
  await lab.look();
  await lab.work(pays);
  await lab.write(spoil(`test_path = 'a' AND run_id IN (SELECT id FROM runs WHERE hunt_times > 0)`));
  await lab.look();
  await lab.work(pays);
  await lab.write(spoil(`test_path = 'a' AND run_id IN (SELECT id FROM runs WHERE hunt_times > 0)`));
  await lab.look();
  expect(lab.errors).toMatchObject([{ name: 'SyntaxError' }]);
  const byPath = new Map((await lab.quarantines()).map((one) => [one.test_path, one]));
  expect(byPath.get('a')).toMatchObject({ hunt: null, hunting_run_id: null });
  expect(byPath.get('b')).toMatchObject(found);
});

test('a test that cannot be begun is told, and holds up no other one', async () => {
  const lab = await openLab();
  await lab.write(spoil(`test_path = 'a'`));
  await lab.look();
  await lab.look();
  expect(lab.errors).toMatchObject([{ name: 'SyntaxError' }]);
  expect(await lab.quarantines()).toMatchObject([
    { test_path: 'b', hunting_run_id: expect.any(String) },
    { test_path: 'a', hunting_run_id: null },
  ]);
});

test('where the database is away as a result is read, it is written down later', async () => {
  const lab = await openLab();
  await lab.look();
  await lab.work(pays);
  const read: typeof lab.deps.sql.read = (sql, args) =>
    /CROSS JOIN attempts/.test(sql)
      ? Promise.reject(new QgjobError('unavailable', 'the database is away'))
      : lab.deps.sql.read(sql, args);
  const sql = Object.create(lab.deps.sql, { read: { value: read } });
  await createQuarantineLoop({ ...lab.deps, sql }, undefined, lab.onError).runOnce();
  expect(lab.errors).toMatchObject([{ code: 'unavailable' }]);
  await lab.look();
  expect(await lab.quarantines()).toContainEqual(
    expect.objectContaining({ hunt: expect.objectContaining({ observed: 20 }) }),
  );
});

test('what fails in one of its tasks keeps no other from its work', async () => {
  const lab = await openLab();
  await lab.write(
    `CREATE TRIGGER t BEFORE UPDATE OF end_told ON quarantines BEGIN SELECT RAISE(ABORT, 'no'); END`,
  );
  lab.queue.advance(2 * day + hour);
  await lab.look();
  expect(lab.errors).toHaveLength(1);
  expect(lab.loop.state).toMatchObject({ errors: 1 });
  expect(await lab.hunts()).toHaveLength(1);
});

test('the hunt of a quarantine that somebody removes, or that ends, ends with it', async () => {
  const lab = await openLab();
  await lab.look();
  await removeQuarantine(lab.deps, lab.madeId, anyOrg, 't');
  await lab.look();
  expect(await lab.hunts()).toMatchObject([{ counts: { queued: 20 } }, { status: 'cancelled' }]);
  lab.queue.advance(3 * day);
  await lab.look();
  expect(await lab.hunts()).toMatchObject([{ status: 'cancelled' }, { status: 'cancelled' }]);
  expect(lab.errors).toEqual([]);
});
