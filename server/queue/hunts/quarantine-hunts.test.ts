import { expect, test } from 'vitest';
import { QgjobError } from '../../../protocol/errors.ts';
import {
  commit,
  day,
  errors,
  fail,
  hour,
  openQuarantineLab,
  told,
} from '../../../test/support/quarantine-lab.ts';
import { anyOrg } from '../../../test/support/queue.ts';
import { removeQuarantine } from '../ledger/index.ts';
import { patchOrg } from '../orgs/orgs.ts';
import { cancelRun } from '../runs/cancel-runs.ts';
import { readRun } from '../runs/read-run.ts';
import { claimHunt } from './claim-hunt.ts';
import { timesByItself } from './hunt-quarantined.ts';
import { huntQuarantined, settleHunts } from './index.ts';

const pays = told({ pays: 'passed', ships: 'passed' });
const fails = told({ pays: 'failed', ships: 'passed' });
const other = told({ pays: 'passed', ships: 'failed' });

type Lab = Awaited<ReturnType<typeof openQuarantineLab>>;

/** As the loop does, for a pause of a day. */
async function pass({ deps }: Pick<Lab, 'deps'>): Promise<void> {
  while (await settleHunts(deps, fail));
  while (await huntQuarantined(deps, day, fail));
}

/** An org whose case `pays` is in quarantine. */
async function openLab() {
  const lab = await openQuarantineLab();
  await lab.play(commit('a'), fails);
  const quarantine = await lab.quarantine('pays');
  return { ...lab, id: quarantine.quarantine_id };
}

test('a quarantined case is hunted on an idle device, and the quarantine keeps what was found of that case', async () => {
  const lab = await openLab();
  await pass(lab);
  const [hunt, ...others] = await lab.hunts();
  expect(others).toEqual([]);
  expect(hunt).toMatchObject({
    ...{ org_id: 'acme', app_version_id: 'v1', report_by: 'action', github: null },
    hunt: { times: timesByItself, observed: 0, quarantine_id: lab.id },
    counts: { queued: timesByItself },
  });
  expect(await lab.quarantines()).toMatchObject([{ hunt: null, hunting_run_id: hunt?.run_id }]);
  // What fails beside it is no failure of it.
  expect(await lab.work(fails, fails, other, pays)).toBe(timesByItself);
  await pass(lab);
  expect(await lab.quarantines()).toMatchObject([
    { hunt: { run_id: hunt?.run_id, observed: 20, failed: 2 }, hunting_run_id: null },
  ]);
  const [one] = await lab.quarantines();
  expect(one?.hunt?.low).toBeCloseTo(0.0123, 3);
  expect(one?.hunt?.high).toBeCloseTo(0.317, 3);
});

test('a file is hunted as a whole', async () => {
  const lab = await openQuarantineLab();
  await lab.play(commit('a'), pays);
  await lab.quarantine(null);
  await pass(lab);
  await lab.work(fails, other, pays);
  await pass(lab);
  expect(await lab.quarantines()).toMatchObject([{ hunt: { observed: 20, failed: 2 } }]);
});

test('it is hunted again after the pause and not before, and once by several servers', async () => {
  const lab = await openLab();
  const two = () => Promise.all([huntQuarantined(lab.deps, day, fail), huntQuarantined(lab.deps, day, fail)]);
  await two();
  await two();
  expect(await lab.hunts()).toHaveLength(1);
  await lab.work(pays);
  lab.queue.advance(day - 2 * hour);
  await lab.agent();
  await pass(lab);
  expect(await lab.hunts()).toHaveLength(1);
  lab.queue.advance(2 * hour);
  await lab.agent();
  await pass(lab);
  await pass(lab);
  expect(await lab.hunts()).toHaveLength(2);
});

test('it waits for an idle device, and for an org that may lease', async () => {
  const lab = await openLab();
  lab.queue.advance(hour);
  await pass(lab);
  expect(await lab.hunts()).toEqual([]);
  const rack = await lab.agent();
  const busy = await lab.queue.submit({ tests: ['busy'] });
  await rack.mustTake();
  await pass(lab);
  expect(await lab.hunts()).toEqual([]);
  await cancelRun(lab.deps, busy.run.run_id, anyOrg);
  for (const body of [
    { paused: true },
    { paused: false, paused_targets: ['emulator'] },
    { paused_targets: [], max_leases: 0 },
  ]) {
    await patchOrg(lab.deps, 'acme', body, anyOrg);
    await pass(lab);
    expect(await lab.hunts()).toEqual([]);
  }
  await patchOrg(lab.deps, 'acme', { max_leases: 1 }, anyOrg);
  await pass(lab);
  expect(await lab.hunts()).toHaveLength(1);
});

test('one that got no device ends without harm, tells nothing, and is not tried again before the pause is over', async () => {
  const lab = await openLab();
  await pass(lab);
  const [hunt] = await lab.hunts();
  await cancelRun(lab.deps, hunt?.run_id ?? '', anyOrg);
  await pass(lab);
  expect(await lab.quarantines()).toMatchObject([{ hunt: null, hunting_run_id: null }]);
  await pass(lab);
  expect(await lab.hunts()).toHaveLength(1);
  lab.queue.advance(day);
  await lab.agent();
  await pass(lab);
  await lab.work(pays);
  await pass(lab);
  // One without a verdict leaves what is known.
  lab.queue.advance(day);
  await lab.agent();
  await pass(lab);
  await lab.work(errors);
  await pass(lab);
  expect(await lab.hunts()).toHaveLength(3);
  expect(await lab.quarantines()).toMatchObject([{ hunt: { observed: 20, failed: 0 } }]);
});

test('those of one org and target take turns, and what has waited longest goes first', async () => {
  const lab = await openQuarantineLab();
  await lab.play({ tests: ['a', 'b'] }, pays);
  await lab.quarantine('pays', 10 * day, 'a');
  await lab.quarantine('pays', 10 * day, 'b');
  await pass(lab);
  expect(await lab.hunts()).toHaveLength(1);
  await lab.work(pays);
  await pass(lab);
  const hunts = await lab.hunts();
  const paths = await Promise.all(
    hunts.map(async ({ run_id }) => (await readRun(lab.deps, run_id, 0, anyOrg)).jobs[0]?.test_path),
  );
  expect(paths.sort()).toEqual(['a', 'b']);
});

test('one that has ended is not hunted, and the hunt of one that is removed is written down all the same', async () => {
  const lab = await openLab();
  await pass(lab);
  await removeQuarantine(lab.deps, lab.id, anyOrg, 'token-1');
  await lab.work(pays);
  lab.queue.advance(2 * day);
  await lab.agent();
  await pass(lab);
  expect(await lab.hunts()).toHaveLength(1);
  expect(await lab.quarantines()).toMatchObject([{ status: 'ended', hunt: { observed: 20, failed: 0 } }]);
});

const base = { repository_id: '7', ref: 'main' };

test.each([
  ['the newest run, where no base branch is known', [commit('a'), commit('b')], 'b'],
  [
    'the newest run of the base branch',
    [
      { ...commit('a'), branch: base },
      { ...commit('b'), branch: base },
      { ...commit('c'), base },
    ],
    'b',
  ],
  [
    'the newest run, where none of the base branch is kept',
    [
      { ...commit('a'), branch: { ...base, ref: 'x' } },
      { ...commit('b'), base },
    ],
    'b',
  ],
])('it runs the source of %s', async (_, bodies, digit) => {
  const lab = await openQuarantineLab();
  const { repository_id } = base;
  const needs = bodies.some((body) => 'base' in body || 'branch' in body);
  for (const [n, body] of bodies.entries())
    await lab.play(
      { app_version_id: `v${n}`, params: { N: String(n) }, grep: 'pays', framework: 'playwright', ...body },
      fails,
    );
  await lab.quarantine('pays');
  await pass(lab);
  const [hunt] = await lab.hunts();
  const [row] = await lab.deps.sql.read('SELECT * FROM runs WHERE id = ?', [hunt?.run_id ?? '']);
  const n = bodies.findIndex(({ source }) => source.sha[0] === digit);
  expect(JSON.parse(String(row?.settings))).toMatchObject({
    ...{
      ...commit(digit),
      app_version_id: `v${n}`,
      params: { N: String(n) },
      grep: 'pays',
      framework: 'playwright',
    },
  });
  expect(row).toMatchObject({ branch_key: null, base_key: null, repository_id: needs ? repository_id : '' });
  // The same test, so what it found is of the quarantine.
  await lab.work(pays);
  await pass(lab);
  expect(await lab.quarantines()).toMatchObject([{ hunt: { observed: 20 } }]);
});

test('a test whose runs are all deleted, or whose bundle is gone, is left alone', async () => {
  const lab = await openQuarantineLab();
  const source = { kind: 'bundle', sha256: 'a'.repeat(64) } as const;
  await lab.deps.sql.write([
    { sql: "INSERT INTO orgs (id, created_at) VALUES ('acme', 0)" },
    {
      sql: `INSERT INTO bundles (org_id, sha256, size, created_at, last_used_at) VALUES ('acme', ?, 1, 1, 1)`,
      args: [source.sha256],
    },
  ]);
  await lab.play({ source }, fails);
  await lab.quarantine('pays');
  await lab.deps.sql.write([{ sql: 'DELETE FROM bundles' }]);
  await pass(lab);
  expect(await lab.hunts()).toEqual([]);
  await lab.deps.sql.write([{ sql: 'DELETE FROM runs' }]);
  lab.queue.advance(2 * day);
  await lab.agent();
  await pass(lab);
  expect(await lab.deps.sql.read('SELECT * FROM runs')).toEqual([]);
});

test('a hunt that is deleted before its result is written down is forgotten', async () => {
  const lab = await openLab();
  await pass(lab);
  await lab.work(pays);
  await lab.deps.sql.write([{ sql: 'DELETE FROM runs WHERE hunt_times > 0' }]);
  await pass(lab);
  expect(await lab.quarantines()).toMatchObject([{ hunt: null, hunting_run_id: null }]);
});

test('where the database is away as it begins, it is begun later', async () => {
  const lab = await openLab();
  const read: typeof lab.deps.sql.read = (sql, args) =>
    /FROM test_sources/.test(sql)
      ? Promise.reject(new QgjobError('unavailable', 'the database is away'))
      : lab.deps.sql.read(sql, args);
  const deps = { ...lab.deps, sql: Object.create(lab.deps.sql, { read: { value: read } }) };
  await expect(huntQuarantined(deps, day, fail)).rejects.toThrow('the database is away');
  await pass(lab);
  expect(await lab.hunts()).toHaveLength(1);
});

test('one that was in quarantine before goes on with the pause of that', async () => {
  const lab = await openLab();
  await pass(lab);
  await lab.work(pays);
  await removeQuarantine(lab.deps, lab.id, anyOrg, 'token-1');
  lab.queue.advance(hour);
  const again = await lab.quarantine('pays');
  expect(again.quarantine_id).not.toBe(lab.id);
  await lab.agent();
  await pass(lab);
  expect(await lab.hunts()).toHaveLength(1);
  lab.queue.advance(day);
  await lab.agent();
  await pass(lab);
  expect(await lab.hunts()).toHaveLength(2);
});

test.each([
  ['device/pixel-8', true],
  ['browserstack', false],
  ['browserstack/pixel-8', false],
])('on idle devices of the target %s a test is hunted by itself: %s', async (target, expected) => {
  const lab = await openLab();
  await lab.deps.sql.write([{ sql: 'UPDATE quarantines SET target = ?', args: [target] }]);
  await lab.queue.agent('other', [target]);
  expect((await claimHunt(lab.deps, day)) !== undefined).toBe(expected);
});

test('a run that left the case out says nothing of how it is executed', async () => {
  const lab = await openQuarantineLab();
  await lab.play({ ...commit('a'), branch: base }, fails);
  await lab.play({ ...commit('b'), branch: base, grep: 'ships' }, told({ ships: 'passed' }));
  await lab.play({ ...commit('c'), branch: base }, told({ pays: 'skipped', ships: 'passed' }));
  await lab.quarantine('pays');
  await pass(lab);
  const settings = async () =>
    (await lab.deps.sql.read('SELECT settings FROM runs WHERE hunt_times > 0 ORDER BY id')).map((row) =>
      JSON.parse(String(row.settings)),
    );
  expect(await settings()).toMatchObject([commit('a')]);
  expect((await settings())[0].grep).toBeUndefined();
  await lab.work(pays);
  await lab.quarantine(null);
  await pass(lab);
  // Of the file every run tells.
  expect(await settings()).toMatchObject([commit('a'), commit('c')]);
});
