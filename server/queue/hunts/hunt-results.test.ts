import { expect, test } from 'vitest';
import { adviceOf } from '../../../protocol/quarantine-advice.ts';
import { commit, day, fail, openQuarantineLab, told } from '../../../test/support/quarantine-lab.ts';
import { everyone } from '../../../test/support/queue.ts';
import { startAttempt } from '../attempts/start-attempt.ts';
import { queueDue } from '../dispatch/tick.ts';
import { expireLease } from '../leases/expire-lease.ts';
import { huntQuarantined, settleHunts } from './index.ts';

const pays = told({ pays: 'passed' });
const gone = { verdict: 'error', error_class: 'timeout' } as const;
const broken = { verdict: 'error', error_class: 'infra_error' } as const;

/** A hunt of the case `pays` that has begun. */
async function openHunt(bodies: readonly object[] = [commit('a')]) {
  const lab = await openQuarantineLab();
  for (const body of bodies) await lab.play(body, told({ pays: 'failed' }));
  await lab.quarantine('pays');
  await lab.agent();
  await huntQuarantined(lab.deps, day, fail);
  return {
    ...lab,
    async settled() {
      await settleHunts(lab.deps, fail);
      const [quarantine] = await lab.quarantines();
      return { hunt: quarantine?.hunt, advice: quarantine && adviceOf(quarantine) };
    },
  };
}

test('what crashed, timed out or has no result of the case is not run again, and nobody is told that the test is mended', async () => {
  const lab = await openHunt();
  expect(await lab.work(gone, broken, told({ ships: 'failed' }), pays)).toBe(20);
  expect(await lab.settled()).toMatchObject({
    hunt: { times: 20, observed: 17, failed: 0 },
    advice:
      '0 of 17 failed: 0 %, between 0 and 20 % at 95 %, 3 of 20 executions had no verdict. Whether it is mended is not known',
  });
});

test('where some failed it is said too what had no verdict', async () => {
  const lab = await openHunt();
  await lab.work(gone, told({ pays: 'failed' }), pays);
  expect((await lab.settled()).advice).toMatch(
    /^1 of 19 failed: .*, 1 of 20 .* no verdict\. It is still flaky$/,
  );
});

test('an execution that passes after its agent was lost with it has no verdict', async () => {
  const lab = await openHunt();
  const lease = await (await lab.agent()).mustTake();
  const ref = { leaseId: lease.lease_id, jobId: lease.jobs[0]?.job_id ?? '', attempt: 1 };
  await startAttempt(lab.deps, everyone, ref);
  await expireLease(lab.deps, { leaseId: lease.lease_id, why: 'gone' });
  lab.queue.advance(60_000);
  await queueDue(lab.deps);
  expect(await lab.work(pays)).toBe(20);
  expect(await lab.settled()).toMatchObject({ hunt: { times: 20, observed: 19, failed: 0 } });
});

const on = (ref: string) => ({ branch: { repository_id: '7', ref } });
const main = { base: { repository_id: '7', ref: 'main' } };
const mended = /It may be mended: qgjob quarantine remove tst_\w+$/;
const unknown = /, not on the base branch\. Whether it is mended there is not known$/;

test.each<[what: string, bodies: object[], found: object, advice: RegExp]>([
  [
    'of the base branch',
    [
      { ...commit('a'), ...on('main') },
      { ...commit('b'), ...main },
    ],
    { branch: 'main', commit: commit('a').source.sha, is_base: true },
    mended,
  ],
  [
    'of another branch than the base',
    [
      { ...commit('a'), ...on('x') },
      { ...commit('b'), ...main },
    ],
    { branch: null, commit: commit('b').source.sha, is_base: false },
    unknown,
  ],
  [
    'of the only branch there is',
    [{ ...commit('a'), ...on('trunk') }],
    { branch: 'trunk', is_base: true },
    mended,
  ],
  [
    'of one of several branches, of which none is called the base',
    [
      { ...commit('a'), ...on('x') },
      { ...commit('b'), ...on('y') },
    ],
    { branch: 'y', is_base: false },
    unknown,
  ],
  ['of runs that name no branch', [{}], { branch: null, commit: null, is_base: true }, mended],
])('20 passes on code %s', async (_, bodies, found, advice) => {
  const lab = await openHunt(bodies);
  await lab.work(pays);
  const told = await lab.settled();
  expect(told.hunt).toMatchObject({ observed: 20, failed: 0, ...found });
  expect(told.advice).toMatch(advice);
});
