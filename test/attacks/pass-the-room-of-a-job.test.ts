import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { UploadPlan } from '../../protocol/shapes/upload.ts';
import { RoomOfJobs } from '../../server/blobs/room-of-jobs.ts';
import { askingOf } from '../../server/http/artifacts.ts';
import { ArtifactLab, digest, type Running, testLimits, until } from '../support/artifact-lab.ts';
import { tempFolder } from '../support/queue.ts';
import { startS3 } from '../support/s3.ts';
import { startTestServer } from '../support/server.ts';
import { expectRefusal } from '../support/world.ts';

/** Tries to bring more files of a job than it may have, by many uploads at once. */
const limits = { ...testLimits, fileBytes: 8, jobBytes: 10 };

const openLab = async (flags = {}) =>
  ArtifactLab.open(await startTestServer({ artifactLimits: limits, flags }));

test('many uploads that declare no size go on at once, and take the room of what they bring', async () => {
  const lab = await openLab();
  const held = await lab.acme.running();
  const uploads = ['a', 'b', 'c', 'd', 'e'].map((name) => lab.openUpload(held, name));
  for (const one of uploads) one.write('1');
  await until(() => expect(lab.incoming()).toHaveLength(5));
  for (const one of uploads) expect((await one.end('2')).status).toBe(200);
  expect(await lab.list(held)).toHaveLength(5);
});

test('those that bring too much together are refused as they do', async () => {
  const lab = await openLab();
  const held = await lab.acme.running();
  const uploads = ['a', 'b'].map((name) => lab.openUpload(held, name));
  for (const one of uploads) one.write('1234');
  await until(() => expect(lab.incoming()).toHaveLength(2));
  const third = lab.openUpload(held, 'c');
  third.write('567');
  expect(await third.answer()).toMatchObject({ status: 413, body: { error: { code: 'too_large' } } });
  third.cut();
  for (const one of uploads) expect((await one.end()).status).toBe(200);
});

async function openBucketLab() {
  const lab = await openLab((await startS3(tempFolder())).flags);
  const call = (
    held: Running,
    name: string,
    text: string,
    { token = held.lease.token, size = text.length } = {},
  ) => ({
    ...{ token, params: { ...lab.params(held), name } },
    body: { attempt: 1, size, sha256: digest(text) },
  });
  const open = (...of: Parameters<typeof call>) => lab.server.ask('openArtifactUpload', call(...of));
  return { lab, call, open };
}

test('signed addresses have the room of what may come there, until it has', async () => {
  const { lab, call, open } = await openBucketLab();
  const held = await lab.acme.running();
  const plan = (await open(held, 'a', 'first6')).json as UploadPlan;
  expectRefusal(await open(held, 'b', 'other6'), 413, 'too_large');
  expectRefusal(await lab.upload(held, 'b', 'other6'), 413, 'too_large');
  // Asked for again it is the same object: nobody fills the store with copies.
  expect((await open(held, 'a', 'first6')).json).toMatchObject({ artifact_id: plan.artifact_id });
  expect((await open(held, 'b', 'four')).status).toBe(200);
  await fetch(plan.url ?? '', { method: 'PUT', headers: plan.headers ?? {}, body: 'first6' });
  const input = call(held, 'a', 'first6');
  const end = { ...input, body: { ...input.body, artifact_id: plan.artifact_id } };
  expect((await lab.server.ask('completeArtifactUpload', end)).status).toBe(200);
  // What was asked for and never came goes on through the server, in the room that it has.
  expect((await lab.upload(held, 'b', 'four', { sha256: digest('four') })).status).toBe(200);
});

test('an upload through the server that fails leaves the plan its room, one that ends takes it along', async () => {
  const { lab, open } = await openBucketLab();
  const held = await lab.acme.running();
  const sha256 = digest('first6');
  expect((await open(held, 'a', 'first6')).status).toBe(200);
  for (const forged of ['forged', 'no']) {
    expectRefusal(await lab.upload(held, 'a', forged, { sha256 }), 400, 'invalid');
    expectRefusal(await open(held, 'b', 'other6'), 413, 'too_large');
  }
  expect((await lab.upload(held, 'a', 'first6', { sha256 })).status).toBe(200);
  expectRefusal(await open(held, 'b', 'other6'), 413, 'too_large');
  expect((await open(held, 'b', 'four')).status).toBe(200);
});

test('of several uploads at once that go on with one plan each has room of its own', async () => {
  const { lab, open } = await openBucketLab();
  const held = await lab.acme.running();
  const sha256 = digest('first6');
  await open(held, 'a', 'first6');
  const first = lab.openUpload(held, 'a', 6, held.lease.token, sha256);
  first.write('fir');
  await until(() => expect(readdirSync(join(lab.server.dataDir, 'blobs/.incoming'))).toHaveLength(1));
  expectRefusal(await lab.upload(held, 'a', 'first6', { sha256 }), 413, 'too_large');
  expect((await first.end('st6')).status).toBe(200);
});

test('who asks again with another size has the room of the larger one', async () => {
  const { lab, open } = await openBucketLab();
  const held = await lab.acme.running();
  const plan = (await open(held, 'a', '12345678', { size: 1 })).json as UploadPlan;
  expect((await open(held, 'a', '12345678')).json).toMatchObject({ artifact_id: plan.artifact_id });
  expectRefusal(await open(held, 'b', 'three'), 413, 'too_large');
  expect((await open(held, 'a', '12345678', { size: 1 })).status).toBe(200);
  expectRefusal(await open(held, 'b', 'three'), 413, 'too_large');
});

test('what is refused takes nothing', async () => {
  const { lab, open } = await openBucketLab();
  const held = await lab.acme.running();
  expectRefusal(await open(held, 'a', '123456789'), 413, 'too_large');
  expect((await open(held, 'a', '12345678')).status).toBe(200);
});

test('who names the lease of another takes nothing of its room, not even while that is found out', async () => {
  const room = new RoomOfJobs({ fileBytes: 8, jobBytes: 10, jobFiles: 3 });
  const ref = { leaseId: 'theirs', jobId: 'job_1', attempt: 1 };
  const upload = (name: string) => ({ ref, name, sha256: digest(name), size: 8 });
  await room.plan(askingOf({ leaseId: 'mine' }, upload('a')), async () => {
    const left = await room.plan(askingOf({ leaseId: 'theirs' }, upload('b')), async (own) => own.limits);
    expect(left).toMatchObject({ jobBytes: 10, jobFiles: 3 });
  });
  const { lab, open } = await openBucketLab();
  const held = await lab.acme.running();
  const { lease } = await lab.acme.running();
  expectRefusal(await open(held, 'a', '12345678', { token: lease.token }), 404, 'not_found');
  expect((await open(held, 'b', '12345678')).status).toBe(200);
});
