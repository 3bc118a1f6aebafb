import { createHash, randomUUID } from 'node:crypto';
import * as z from 'zod';
import { QgjobError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { AppVersion } from '../../protocol/shapes/app-version.ts';
import { AppVersionId } from '../../protocol/shapes/common.ts';
import type { ContentKey } from '../blobs/content-store.ts';
import type { FileReply } from '../calls/file-reply.ts';
import { markBlob } from '../queue/store/blob-marks.ts';
import { inReservedRoom, leaveRoom } from '../queue/store/reserve-storage.ts';
import {
  type AppVersionRef,
  addAppBuild,
  buildOf,
  findLeaseBuild,
  isBuildUsed,
  listAppVersions,
  mustFindAppVersion,
  noBuild,
  otherBuild,
  registerAppVersion,
} from '../queue/submit/index.ts';
import { replyWithAddress } from './file-address.ts';
import { type Call, type Handlers, type HttpDeps, leaseCallerOf, orgOf, param } from './handler.ts';
import { parse } from './read-call.ts';

const Named = z.object({ id: AppVersionId });

/** The app version that a path names, of the caller's org. Errors: `invalid`, `forbidden`. */
export const refOf = (
  call: Pick<Call<'getAppVersion'>, 'params' | 'principal' | 'query'>,
): AppVersionRef => ({
  orgId: orgOf(call.principal, call.query.org_id),
  repositoryId: call.principal.github?.repository_id,
  ...(parse(Named, { id: param(call, 'id') }) as z.output<typeof Named>),
});

/** Whose room a build takes that is uploaded to a signed address: the same for all versions that have it, and none where one has it already. */
export const roomOfBuild = ({ orgId, sha256 }: ContentKey) => ({ orgId, id: `build ${orgId} ${sha256}` });

type Name =
  | 'registerAppVersion'
  | 'getAppVersion'
  | 'listAppVersions'
  | 'uploadAppFile'
  | 'getAppFile'
  | 'getLeaseApp';

export const appVersionHandlers: Pick<Handlers, Name> = {
  async registerAppVersion({ queue, apps }, call) {
    const known = await registerAppVersion(queue, refOf(call), call.body);
    return withoutLost(apps, known);
  },
  getAppVersion: async ({ queue, apps }, call) =>
    withoutLost(apps, await mustFindAppVersion(queue, refOf(call))),
  listAppVersions: ({ queue }, call) =>
    listAppVersions(queue, orgOf(call.principal, call.query.org_id), call.query),

  async uploadAppFile({ queue, apps }, call) {
    const ref = refOf(call);
    if ((call.body.size ?? 0) > limits.appBytes) throw tooLarge();
    const known = await withoutLost(apps, await mustFindAppVersion(queue, ref));
    if (known.size !== null) {
      const same = await checkSame(known, call.body.chunks);
      await leaveRoom(queue, roomOfBuild(buildOf(known)).id);
      return same;
    }
    const { size, chunks } = call.body;
    const announced = known.sha256 === null ? undefined : { orgId: ref.orgId, sha256: known.sha256 };
    const receive = async () => {
      const file = await apps.receive(chunks, { size });
      try {
        if (known.sha256 !== null && known.sha256 !== file.sha256) throw otherBuild(known);
        // An upload may take long; with a token that was revoked meanwhile nothing is written.
        await call.recheck();
        // First the bytes, then the row: so a version that has a build has its bytes on disk.
        const key = { orgId: ref.orgId, sha256: file.sha256 };
        await markBlob(queue, apps.nameOf(key));
        await apps.inTurn(key, () => file.keep(ref.orgId));
        return await addAppBuild(queue, ref, file);
      } finally {
        await file.discard();
      }
    };
    const isCounted = announced !== undefined && (await isBuildUsed(queue, announced));
    if (!isCounted) return inReservedRoom(queue, roomToReceive(ref.orgId, size, announced), receive);
    // What was lost is counted still; so is what another version has brought, perhaps without a word about the plan.
    const received = await receive();
    await leaveRoom(queue, roomOfBuild(announced).id);
    return received;
  },

  async getAppFile({ queue, apps }, call) {
    const known = await mustFindAppVersion(queue, refOf(call));
    return replyWithBuild(apps, call.header, buildOf(known), known.app_version_id);
  },

  async getLeaseApp({ queue, apps }, call) {
    const build = await findLeaseBuild(queue, leaseCallerOf(call.principal), param(call, 'id'));
    return replyWithBuild(apps, call.header, build, 'of this lease');
  },
};

/** Several at once may bring other bytes each; that of an announced build may go on with one that began at a signed address. */
const roomToReceive = (orgId: string, size = limits.appBytes, announced?: ContentKey) => ({
  ...{ orgId, id: `build ${orgId} ${randomUUID()}`, bytes: size },
  ...(announced && { planId: roomOfBuild(announced).id }),
});

/** After a restored backup the row may say of a build that is not there any more: then it may be uploaded again. */
export async function withoutLost(apps: HttpDeps['apps'], known: AppVersion): Promise<AppVersion> {
  if (known.size === null || (await apps.has(buildOf(known)))) return known;
  return { ...known, size: null };
}

/** An app version whose build is about to come; its size is null unless it is there. Errors: `not_found`, `conflict` for another build. */
export async function appToFill(
  queue: HttpDeps['queue'],
  apps: HttpDeps['apps'],
  ref: AppVersionRef,
  sha256: string,
): Promise<AppVersion> {
  const known = await withoutLost(apps, await mustFindAppVersion(queue, ref));
  if (known.sha256 !== null && known.sha256 !== sha256) throw otherBuild(known);
  return known;
}

/** Reads an upload of what is there already, and writes nothing. Errors: `conflict` for other bytes, `too_large`. */
async function checkSame(known: AppVersion, chunks: AsyncIterable<Uint8Array>): Promise<AppVersion> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > limits.appBytes) throw tooLarge();
    hash.update(chunk);
  }
  if (hash.digest('hex') !== known.sha256) throw otherBuild(known);
  return known;
}

const tooLarge = (): QgjobError =>
  new QgjobError('too_large', `the file is larger than the ${limits.appBytes} bytes it may have`);

async function replyWithBuild(
  apps: HttpDeps['apps'],
  header: (name: string) => string | undefined,
  { size: known, ...key }: ContentKey & { readonly size: number },
  id: string,
): Promise<FileReply> {
  const shown = { contentType: 'application/octet-stream', disposition: 'attachment' };
  const file = { key, size: known, sha256: key.sha256, ...shown };
  const address = await replyWithAddress(apps.direct, header, file);
  if (address) return address;
  const { size, chunks } = await apps.read(key).catch((error: unknown) => {
    if (error instanceof QgjobError && error.code === 'not_found') throw noBuild(id);
    throw error;
  });
  return {
    status: 200,
    headers: {
      'content-type': shown.contentType,
      'content-length': String(size),
      'content-disposition': shown.disposition,
      'x-content-type-options': 'nosniff',
      etag: `"${key.sha256}"`,
    },
    chunks,
  };
}
