import * as z from 'zod';
import { QgjobError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { ArtifactName } from '../../protocol/shapes/artifact.ts';
import type { UploadPlan } from '../../protocol/shapes/upload.ts';
import type { DirectAccess, UploadFacts } from '../blobs/direct-access.ts';
import { addArtifact, isArtifact, planUpload } from '../queue/attempts/index.ts';
import { markBlob } from '../queue/store/blob-marks.ts';
import { inReservedRoom, leaveRoom, reserveStorage } from '../queue/store/reserve-storage.ts';
import { toInstant } from '../queue/store/to-wire.ts';
import { addAppBuild, addBundle, findBundle, isBuildUsed } from '../queue/submit/index.ts';
import { appToFill, refOf, roomOfBuild } from './app-versions.ts';
import { askingOf, idOf } from './artifacts.ts';
import { bundleKeyOf, roomOfBundle } from './bundles.ts';
import { type Handlers, leaseCallerOf, orgOf, param } from './handler.ts';
import { parse } from './read-call.ts';

type Name =
  | 'openBundleUpload'
  | 'completeBundleUpload'
  | 'openAppUpload'
  | 'completeAppUpload'
  | 'openArtifactUpload'
  | 'completeArtifactUpload';

const way = (send: UploadPlan['send']): UploadPlan => ({
  ...{ send, url: null, method: null, headers: null, expires_at: null, artifact_id: null },
});

/** To the address that the store signs, or through the server. */
async function planOf<Key>(
  direct: DirectAccess<Key>,
  key: Key,
  facts: UploadFacts,
  artifactId: string | null = null,
): Promise<UploadPlan> {
  const address = await direct.upload(key, facts);
  if (!address) return way('server');
  const { url, method, headers, expiresAt } = address;
  return { send: 'address', url, method, headers, expires_at: toInstant(expiresAt), artifact_id: artifactId };
}

/**
 * Uploads that do not go through the server: asked for before, with all checks, and completed once the bytes are there. These
 * may be of another size than was said, or come when the plan's room is free again: so a completion takes its room anew.
 * What is refused there, or is not completed at all, leaves its bytes to the daily sweep.
 */
export const uploadHandlers: Pick<Handlers, Name> = {
  async openBundleUpload({ queue, bundles }, call) {
    const key = bundleKeyOf(call, orgOf(call.principal, call.query.org_id));
    const { size } = call.body;
    refuseLarger(size, limits.bundleBytes);
    if (!bundles.direct) return way('server');
    await markBlob(queue, bundles.nameOf(key));
    const known = (await findBundle(queue, key)) && (await bundles.has(key));
    if (!known) {
      await reserveStorage(queue, { ...roomOfBundle(key), bytes: size, forMs: planMs });
      return planOf(bundles.direct, key, { size, sha256: key.sha256 });
    }
    await addBundle(queue, key, known.size);
    return way('nothing');
  },

  /** First the bytes, then the row, as where they come through the server. */
  async completeBundleUpload({ queue, bundles }, call) {
    const key = bundleKeyOf(call, orgOf(call.principal, call.query.org_id));
    const { size } = call.body;
    refuseLarger(size, limits.bundleBytes);
    await markBlob(queue, bundles.nameOf(key));
    const known = (await findBundle(queue, key)) && (await bundles.has(key));
    const room = { ...roomOfBundle(key), bytes: size };
    if (known?.size === size) {
      await addBundle(queue, key, size);
      await leaveRoom(queue, room.id);
    } else {
      await mustBeDirect(bundles.direct).check(key, { size, sha256: key.sha256 });
      await call.recheck();
      await inReservedRoom(queue, room, () => addBundle(queue, key, size));
    }
    return { sha256: key.sha256, size };
  },

  async openAppUpload({ queue, apps }, call) {
    const ref = refOf(call);
    const known = await appToFill(queue, apps, ref, call.body.sha256);
    if (known.size !== null) return way('nothing');
    if (!apps.direct) return way('server');
    const key = { orgId: ref.orgId, sha256: call.body.sha256 };
    await markBlob(queue, apps.nameOf(key));
    if (!(await isBuildUsed(queue, key)))
      await reserveStorage(queue, { ...roomOfBuild(key), bytes: call.body.size, forMs: planMs });
    return planOf(apps.direct, key, call.body);
  },

  async completeAppUpload({ queue, apps }, call) {
    const ref = refOf(call);
    const { size, sha256 } = call.body;
    const known = await appToFill(queue, apps, ref, sha256);
    const key = { orgId: ref.orgId, sha256 };
    const room = roomOfBuild(key);
    if (known.size !== null) {
      await leaveRoom(queue, room.id);
      return known;
    }
    await markBlob(queue, apps.nameOf(key));
    await mustBeDirect(apps.direct).check(key, { size, sha256 });
    await call.recheck();
    const add = () => addAppBuild(queue, ref, { sha256, size });
    if (!(await isBuildUsed(queue, key))) return inReservedRoom(queue, { ...room, bytes: size }, add);
    // Another version brought it meanwhile, perhaps without a word about the plan.
    const added = await add();
    await leaveRoom(queue, room.id);
    return added;
  },

  async openArtifactUpload({ queue, artifacts }, call) {
    const { attempt, size, sha256 } = call.body;
    const { name, ref } = artifactOf(call, attempt);
    const upload = { ref, name, sha256, size };
    const caller = leaseCallerOf(call.principal);
    const asking = askingOf(caller, upload);
    return artifacts.room.plan(asking, async ({ limits, others, keepFor }) => {
      const plan = await planUpload(queue, caller, upload, limits, others);
      if (plan.known) {
        artifacts.room.leave(asking);
        return { ...way('nothing'), artifact_id: plan.known.artifact_id };
      }
      if (!artifacts.direct) return way('server');
      await reserveStorage(queue, { orgId: plan.orgId, id: idOf(upload), bytes: size, forMs: planMs });
      const artifactId = keepFor(plan.artifactId);
      return planOf(artifacts.direct, { jobId: ref.jobId, artifactId }, { size, sha256 }, artifactId);
    });
  },

  async completeArtifactUpload({ queue, artifacts }, call) {
    const { attempt, size, sha256, artifact_id: id } = call.body;
    const { name, ref } = artifactOf(call, attempt);
    const upload = { ref, name, sha256, size };
    const caller = leaseCallerOf(call.principal);
    const plan = await planUpload(queue, caller, upload, artifacts.limits);
    if (plan.known) {
      // The server may have been killed when the file had its row, and its room still.
      await leaveRoom(queue, idOf(upload));
      artifacts.room.leave(askingOf(caller, upload));
      return plan.known;
    }
    if (isOld(id, queue.now()) || (await isArtifact(queue, id))) throw otherPlan();
    await mustBeDirect(artifacts.direct).check({ jobId: ref.jobId, artifactId: id }, { size, sha256 });
    const room = { orgId: plan.orgId, id: idOf(upload), bytes: size };
    const file = { id, name, size, sha256 };
    const added = await inReservedRoom(queue, room, () => addArtifact(queue, ref, file, artifacts.limits));
    artifacts.room.leave(askingOf(caller, upload));
    return added.artifact;
  },
};

const Named = z.object({ name: ArtifactName });

function artifactOf(call: { params: Record<string, string> }, attempt: number) {
  const { name } = parse(Named, { name: param(call, 'name') }) as z.output<typeof Named>;
  return { name, ref: { leaseId: param(call, 'id'), jobId: param(call, 'job_id'), attempt } };
}

/** So long a plan is good, in ms: well shorter than the sweep leaves its bytes. An id begins with the instant at which it was made. */
const planMs = 12 * 3_600_000;
const isOld = (id: string, now: number): boolean =>
  Math.abs(now - Number.parseInt(id.slice('art_'.length, 'art_'.length + 12), 16)) > planMs;

const otherPlan = () =>
  new QgjobError('invalid', 'artifact_id: is of no upload that was asked for lately; ask for a new one');

function mustBeDirect<T>(direct: T | undefined): T {
  if (direct) return direct;
  throw new QgjobError('invalid', 'uploads go through this server: send the bytes to it');
}

function refuseLarger(size: number, most: number): void {
  if (size > most) throw new QgjobError('too_large', `the file is larger than the ${most} bytes it may have`);
}
