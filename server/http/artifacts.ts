import * as z from 'zod';
import { type Artifact, ArtifactName } from '../../protocol/shapes/artifact.ts';
import type { Asking } from '../blobs/room-of-jobs.ts';
import { attachment, replyWithFile } from '../calls/file-reply.ts';
import { viewerOf } from '../calls/viewer-of.ts';
import {
  addArtifact,
  fileOf,
  listArtifacts,
  type NamedUpload,
  planUpload,
  readArtifact,
  type UploadPlan,
} from '../queue/attempts/index.ts';
import type { LeaseCaller } from '../queue/store/find-lease.ts';
import { inReservedRoom } from '../queue/store/reserve-storage.ts';
import { replyWithAddress } from './file-address.ts';
import { type Call, type Handlers, type HttpDeps, leaseCallerOf, param } from './handler.ts';
import { parse } from './read-call.ts';

const Named = z.object({ name: ArtifactName });

export const artifactHandlers: Pick<Handlers, 'uploadArtifact' | 'listArtifacts' | 'getArtifact'> = {
  uploadArtifact: receiveArtifact,

  listArtifacts: ({ queue }, call) =>
    listArtifacts(queue, param(call, 'id'), call.query, viewerOf(call.principal)),

  async getArtifact({ queue, artifacts }, call) {
    const artifact = await readArtifact(queue, param(call, 'id'), viewerOf(call.principal));
    const key = { jobId: artifact.job_id, artifactId: artifact.artifact_id };
    const { content_type: contentType, name, size, sha256 } = artifact;
    const file = { key, size, sha256, contentType, disposition: attachment(name) };
    const address = await replyWithAddress(artifacts.direct, call.header, file);
    if (address) return address;
    return replyWithFile(artifact, call.header, ({ start, end }) => artifacts.read(key, start, end));
  },
};

/** An upload as it asks for room of its job, which it shares with others. A caller who names a foreign lease takes nothing of that one's. */
export const askingOf = (caller: LeaseCaller, upload: NamedUpload): Asking => ({
  job: `${caller.leaseId ?? upload.ref.leaseId} ${upload.ref.jobId}`,
  ...{ id: idOf(upload), file: fileOf(upload), size: upload.size },
});

/** An upload to a signed address: asked for again it is the same one, and has the same room. */
export const idOf = ({ ref, name, sha256 }: NamedUpload): string =>
  `artifact ${ref.jobId} ${ref.attempt} ${name} ${sha256}`;

/** First the fence, then room for it, then its bytes. */
async function receiveArtifact(deps: HttpDeps, call: Call<'uploadArtifact'>): Promise<Artifact> {
  const { queue, artifacts } = deps;
  const { name } = parse(Named, { name: param(call, 'name') }) as z.output<typeof Named>;
  const { attempt, sha256 } = call.query;
  const ref = { leaseId: param(call, 'id'), jobId: param(call, 'job_id'), attempt };
  const { size } = call.body;
  const upload = { ref, name, sha256, size };
  const caller = leaseCallerOf(call.principal);
  return artifacts.room.during(askingOf(caller, upload), async ({ limits, others, count }) => {
    const plan = await planUpload(queue, caller, upload, limits, others);
    if (plan.known) return plan.known;
    const { artifactId: id, orgId, maxBytes } = plan;
    const room = { id, planId: idOf(upload), orgId, bytes: size ?? maxBytes };
    return inReservedRoom(queue, room, () => storeArtifact(deps, upload, plan, count(call.body.chunks)));
  });
}

/** First the bytes, then the row: so an artifact that has a row has its bytes on disk. */
async function storeArtifact(
  { queue, artifacts }: HttpDeps,
  { ref, name, size, sha256 }: NamedUpload,
  plan: Exclude<UploadPlan, { readonly known: Artifact }>,
  chunks: AsyncIterable<Uint8Array>,
): Promise<Artifact> {
  const received = await artifacts.receive(chunks, { maxBytes: plan.maxBytes, size, sha256 });
  const key = { jobId: ref.jobId, artifactId: plan.artifactId };
  let isNew = false;
  try {
    await received.keep(key);
    const file = { id: plan.artifactId, name, size: received.size, sha256: received.sha256 };
    const added = await addArtifact(queue, ref, file, artifacts.limits);
    isNew = added.isNew;
    return added.artifact;
  } finally {
    await received.discard();
    if (!isNew) await artifacts.remove(key);
  }
}
