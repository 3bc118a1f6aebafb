import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { QgjobError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { Sha256 } from '../../protocol/shapes/common.ts';
import type { ContentKey } from '../blobs/content-store.ts';
import type { FileReply } from '../calls/file-reply.ts';
import { markBlob } from '../queue/store/blob-marks.ts';
import { inReservedRoom, leaveRoom } from '../queue/store/reserve-storage.ts';
import { addBundle, findBundle, findLeaseBundle, noBundle, touchBundle } from '../queue/submit/index.ts';
import { replyWithAddress } from './file-address.ts';
import { type Handlers, type HttpDeps, leaseCallerOf, orgOf, param } from './handler.ts';
import { parse } from './read-call.ts';

const Named = z.object({ sha256: Sha256 });

/** The bundle that a path names, of this org. Errors: `invalid`. */
export const bundleKeyOf = (call: { params: Record<string, string> }, orgId: string): ContentKey => ({
  orgId,
  ...(parse(Named, { sha256: param(call, 'sha256') }) as z.output<typeof Named>),
});

/** Whose room it takes where it is uploaded to a signed address. */
export const roomOfBundle = ({ orgId, sha256 }: ContentKey) => ({ orgId, id: `bundle ${orgId} ${sha256}` });

/** Each upload through a server has its own, since one that fails at another server gives back all that it took. */
function roomToReceive(key: ContentKey, size = limits.bundleBytes) {
  const { orgId, id: planId } = roomOfBundle(key);
  return { orgId, id: `${planId} ${randomUUID()}`, planId, bytes: size };
}

export const bundleHandlers: Pick<Handlers, 'uploadBundle' | 'getBundle' | 'getLeaseSource'> = {
  /** First the bytes, then the row: so a bundle that has a row has its bytes on disk. */
  async uploadBundle({ queue, bundles }, call) {
    const key = bundleKeyOf(call, orgOf(call.principal, call.query.org_id));
    return bundles.inTurn(key, async () => {
      await markBlob(queue, bundles.nameOf(key));
      // After a restored backup the row may be there without its bytes.
      const known = (await findBundle(queue, key)) && (await bundles.has(key));
      const { size: declared, chunks } = call.body;
      if (!known)
        return inReservedRoom(queue, roomToReceive(key, declared), async () => {
          const { size } = await bundles.keep(key, chunks, declared);
          // An upload may take long; with a token that was revoked meanwhile nothing is written.
          await call.recheck();
          await addBundle(queue, key, size);
          return { sha256: key.sha256, size };
        });
      await addBundle(queue, key, known.size);
      await leaveRoom(queue, roomOfBundle(key).id);
      return { sha256: key.sha256, size: known.size };
    });
  },

  async getBundle({ queue, bundles }, call) {
    const key = bundleKeyOf(call, orgOf(call.principal, call.query.org_id));
    // Whoever asks whether it is there submits next: it must not be deleted meanwhile.
    await touchBundle(queue, key);
    const known = await findBundle(queue, key);
    if (!known) throw noBundle(key.sha256);
    return replyWithBundle(bundles, call.header, { ...key, size: known.size });
  },

  async getLeaseSource({ queue, bundles }, call) {
    const key = await findLeaseBundle(queue, leaseCallerOf(call.principal), param(call, 'id'));
    return replyWithBundle(bundles, call.header, key);
  },
};

async function replyWithBundle(
  bundles: HttpDeps['bundles'],
  header: (name: string) => string | undefined,
  { size: known, ...key }: ContentKey & { readonly size: number },
): Promise<FileReply> {
  const contentType = 'application/gzip';
  const disposition = `attachment; filename="${key.sha256}.tar.gz"`;
  const file = { key, size: known, sha256: key.sha256, contentType, disposition };
  const address = await replyWithAddress(bundles.direct, header, file);
  if (address) return address;
  const { size, chunks } = await bundles.read(key).catch((error: unknown) => {
    if (error instanceof QgjobError && error.code === 'not_found') throw noBundle(key.sha256);
    throw error;
  });
  return {
    status: 200,
    headers: {
      'content-type': contentType,
      'content-length': String(size),
      'x-content-type-options': 'nosniff',
      etag: `"${key.sha256}"`,
    },
    chunks,
  };
}
