import { expect, test } from 'vitest';
import type { FinishJob, InstalledReport } from '../../../protocol/shapes/agent.ts';
import { commit, day, fail, openQuarantineLab, told } from '../../../test/support/quarantine-lab.ts';
import { anyOrg, everyone } from '../../../test/support/queue.ts';
import { finishAttempt } from '../attempts/finish-attempt.ts';
import { startAttempt } from '../attempts/start-attempt.ts';
import { reportInstalled } from '../leases/report-installed.ts';
import { readRun } from '../runs/read-run.ts';
import { huntQuarantined, settleHunts } from './index.ts';

/** A hunt of the server that has the only device, and a run of somebody with the same app, whose install has failed twice. */
async function openScene() {
  const lab = await openQuarantineLab();
  await lab.play(commit('a'), told({ pays: 'failed' }));
  await lab.quarantine('pays');
  const rack = await lab.agent();
  await huntQuarantined(lab.deps, day, fail);
  const lease = await rack.mustTake();
  const { run } = await lab.queue.submit({ ...commit('a'), tests: ['b'] });
  await lab.deps.sql.write([
    {
      sql: 'UPDATE groups SET install_failures = 2, install_failed_device = ?',
      args: [rack.deviceIds[0] ?? ''],
    },
  ]);
  const read = async (sql: string) => (await lab.deps.sql.read(sql)).map((row) => ({ ...row }));
  return {
    ...{ lab, rack, lease, read },
    people: () => readRun(lab.deps, run.run_id, 0, anyOrg),
  };
}

type Scene = Awaited<ReturnType<typeof openScene>>;

async function unharmed({ people, rack, read }: Scene): Promise<void> {
  expect(await people()).toMatchObject({ status: 'queued', counts: { queued: 1 } });
  expect(await read('SELECT install_failures FROM groups')).toEqual([{ install_failures: 2 }]);
  expect(await read('SELECT strikes, benched_until, blame FROM devices')).toEqual([
    { strikes: 0, benched_until: null, blame: null },
  ]);
  expect((await rack.mustTake()).jobs).toMatchObject([{ test_path: 'b' }]);
}

/** It ended whole, and nothing is told of it. */
async function endsHunt({ lab }: Scene, reason: string): Promise<void> {
  expect(await lab.hunts()).toMatchObject([{ status: 'errored', reason, counts: { errored: 20 } }]);
  await settleHunts(lab.deps, fail);
  expect(await lab.quarantines()).toMatchObject([{ hunt: null, hunting_run_id: null }]);
}

test.each(['install_failed', 'infra_error', 'build_error'] as const)(
  'an install of a hunt that ends as %s ends the hunt, and neither jobs of the same app nor the device',
  async (error_class) => {
    const scene = await openScene();
    const report: InstalledReport = {
      ok: false,
      duration_ms: 1,
      installs: 1,
      error_class,
      error: 'no space',
    };
    await reportInstalled(scene.lab.deps, everyone, scene.lease.lease_id, report);
    await endsHunt(scene, 'app');
    await unharmed(scene);
  },
);

test.each(['install_failed', 'build_error'] as const)(
  'so does an install during a test that ends as %s',
  async (error_class) => {
    const scene = await openScene();
    await finish(scene, error_class);
    await endsHunt(scene, 'app');
    await unharmed(scene);
  },
);

test('an error of the device ends one execution, and strikes no device', async () => {
  const scene = await openScene();
  await finish(scene, 'infra_error');
  expect(await scene.lab.hunts()).toMatchObject([{ counts: { errored: 1, queued: 19 } }]);
  await unharmed(scene);
});

async function finish(
  { lab: { deps }, lease }: Scene,
  error_class: NonNullable<FinishJob['error_class']>,
): Promise<void> {
  const ref = { leaseId: lease.lease_id, jobId: lease.jobs[0]?.job_id ?? '', attempt: 1 };
  await startAttempt(deps, everyone, ref);
  const ending = { verdict: 'error', error_class, error: 'no luck' } as const;
  await finishAttempt(deps, everyone, ref, { attempt: 1, duration_ms: 1, ...ending });
}
