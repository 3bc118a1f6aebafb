import { expect, test } from 'vitest';
import type { UploadPlan } from '../../protocol/shapes/upload.ts';
import { ArtifactLab, digest, type Running, testLimits } from '../support/artifact-lab.ts';
import { tempFolder } from '../support/queue.ts';
import { startS3 } from '../support/s3.ts';
import type { TestServer } from '../support/server.ts';
import { openServers } from '../support/two-servers.ts';
import { expectRefusal } from '../support/world.ts';

/** A job of two servers on one database and bucket, which may have ten bytes in three files. */
async function openLab() {
  const limits = { ...testLimits, fileBytes: 8, jobBytes: 10, jobFiles: 3 };
  const { first, second } = await openServers((await startS3(tempFolder())).flags, limits);
  const lab = await ArtifactLab.open(first);
  const held = await lab.acme.running();
  return { ...{ first, second, lab, held }, open: opener(held) };
}

const opener =
  ({ lease, job }: Running) =>
  (server: TestServer, name: string, text: string) =>
    server.ask('openArtifactUpload', {
      ...{ token: lease.token, params: { id: lease.lease_id, job_id: job.job_id, name } },
      body: { attempt: 1, size: text.length, sha256: digest(text) },
    });

type Lab = Awaited<ReturnType<typeof openLab>>;

/** Sends a planned file to its address, and completes it at the server. */
async function completeAt(
  server: TestServer,
  { lab, held }: Lab,
  plan: UploadPlan,
  name: string,
  text: string,
) {
  await fetch(plan.url ?? '', { method: 'PUT', headers: plan.headers ?? {}, body: text });
  return server.ask('completeArtifactUpload', {
    ...{ token: held.lease.token, params: { ...lab.params(held), name } },
    body: { attempt: 1, size: text.length, sha256: digest(text), artifact_id: plan.artifact_id },
  });
}

const sendTo = (server: TestServer, { lab, held }: Lab, name: string, text: string) =>
  server.ask('uploadArtifact', {
    ...{ token: held.lease.token, params: { ...lab.params(held), name } },
    ...{ query: { attempt: 1, sha256: digest(text) }, body: text },
  });

test('a file that is planned at one server and completed at the other has its room once', async () => {
  const lab = await openLab();
  const { first, second, open } = lab;
  const plan = (await open(first, 'a', 'first6')).json as UploadPlan;
  expect((await completeAt(second, lab, plan, 'a', 'first6')).status).toBe(200);
  expectRefusal(await open(first, 'b', 'five5'), 413, 'too_large');
  expect((await open(first, 'b', '12')).status).toBe(200);
  // Three files, no more and no fewer.
  expect((await open(first, 'c', '34')).status).toBe(200);
  expectRefusal(await open(first, 'd', ''), 413, 'too_large');
  expect(await lab.lab.list(lab.held)).toHaveLength(1);
});

test('so has one that was planned at one server, and came through the other', async () => {
  const lab = await openLab();
  const { first, second, open } = lab;
  expect((await open(first, 'a', 'first6')).status).toBe(200);
  expect((await sendTo(second, lab, 'a', 'first6')).status).toBe(200);
  expect((await sendTo(first, lab, 'b', 'four')).status).toBe(200);
  expectRefusal(await open(first, 'c', '1'), 413, 'too_large');
});

test('a bundle that fails at one server leaves the same one at the other its room', async () => {
  const { first, second, lab } = await openLab();
  await first.client.call('patchOrg', { params: { id: 'acme' }, body: { quotas: { storage_bytes: 10 } } });
  const token = lab.acme.tokens.submit;
  const params = { sha256: digest('first6') };
  const pending = Promise.withResolvers<void>();
  async function* slowly() {
    yield new TextEncoder().encode('fir');
    await pending.promise;
    yield new TextEncoder().encode('st6');
  }
  const headers = { authorization: `Bearer ${token}`, 'content-length': '6' };
  const slow = fetch(`${first.url}/v1/bundles/${params.sha256}`, {
    ...{ method: 'PUT', headers, duplex: 'half', body: ReadableStream.from(slowly()) },
  } as RequestInit);
  // What is more than the org may have is refused with what it has.
  const taken = async () => {
    const ask = { token, params: { sha256: digest('other') }, body: { size: 11 } };
    return (await first.ask('openBundleUpload', ask)).json.error.details.has;
  };
  await expect.poll(taken).toBe(6);
  expect((await second.ask('uploadBundle', { token, params, body: 'no' })).status).toBe(400);
  expect(await taken()).toBe(6);
  pending.resolve();
  expect((await slow).status).toBe(200);
});
