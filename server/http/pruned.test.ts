import { expect, test } from 'vitest';
import { ArtifactLab, testLimits, until } from '../../test/support/artifact-lab.ts';
import { startTestServer } from '../../test/support/server.ts';
import { expectRefusal } from '../../test/support/world.ts';

const hour = 3_600_000;

/** A server whose clock the test moves, with a finished job that has a log and an artifact. */
async function openLab(flags: Record<string, string>) {
  const clock = { now: Date.UTC(2026, 0, 1) };
  const lab = await ArtifactLab.open(
    await startTestServer({ flags, now: () => clock.now, artifactLimits: testLimits }),
  );
  const held = await lab.acme.running();
  const { json: artifact } = await lab.upload(held, 'a.txt', 'one');
  const agent = lab.server.as(held.lease.token);
  const params = lab.params(held);
  const body = new TextEncoder().encode('what the test said');
  await agent.call('appendLogs', { params, query: { attempt: 1, offset: 0 }, body });
  await agent.call('finishJob', { params, body: { attempt: 1, verdict: 'passed', duration_ms: 1 } });
  const token = lab.acme.tokens.read;
  const id = held.job.job_id;
  return {
    ...{ clock, lab, held, artifact },
    job: () => lab.server.ask('getJob', { token, params: { id } }),
    run: () => lab.server.ask('getRun', { token, params: { id: held.job.run_id } }),
    logs: () => lab.server.ask('readLogs', { token, params: { id } }),
  };
}

test('logs and artifacts that made room for others are refused in words, and their job is still there', async () => {
  const { clock, lab, held, artifact, job, logs } = await openLab({ max_blob_bytes: '1' });
  expect((await logs()).text).toBe('what the test said');
  clock.now += 2 * hour;
  await until(() => expect(lab.kept(held)).toEqual([]));
  await expect.poll(async () => (await logs()).status, { timeout: 30_000 }).toBe(404);
  const gone = await logs();
  expectRefusal(gone, 404, 'not_found');
  expect(gone.json.error.message).toMatch(
    /^the logs of its run made room for newer ones; they were deleted 2026-01-01T02:00:00/,
  );
  expectRefusal(await lab.download(artifact.artifact_id), 404, 'not_found');
  expect((await job()).json).toMatchObject({ status: 'passed' });
  expect(await lab.list(held)).toEqual([]);
});

test('a run that is too old is gone with all that belongs to it', async () => {
  const { clock, lab, held, artifact, job, run, logs } = await openLab({ retention_days: '1' });
  clock.now += 25 * hour;
  await until(() => expect(lab.kept(held)).toEqual([]));
  expectRefusal(await run(), 404, 'not_found');
  await expect.poll(async () => (await job()).status).toBe(404);
  expectRefusal(await logs(), 404, 'not_found');
  expectRefusal(await lab.download(artifact.artifact_id), 404, 'not_found');
});
