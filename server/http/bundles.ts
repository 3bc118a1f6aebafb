import * as z from 'zod';
import { QgjobError } from '../../protocol/errors.ts';
import { Sha256 } from '../../protocol/shapes/common.ts';
import type { ContentKey } from '../blobs/content-store.ts';
import { markBlob } from '../queue/store/blob-marks.ts';
import { addBundle, findBundle, findLeaseBundle, noBundle, touchBundle } from '../queue/submit/index.ts';
import type { FileReply } from './file-reply.ts';
import { type Handlers, type HttpDeps, leaseCallerOf, orgOf, param } from './handler.ts';
import { parse } from './read-call.ts';

const Named = z.object({ sha256: Sha256 });

const keyOf = (call: { params: Record<string, string> }, orgId: string): ContentKey => ({
  orgId,
  ...(parse(Named, { sha256: param(call, 'sha256') }) as z.output<typeof Named>),
});

export const bundleHandlers: Pick<Handlers, 'uploadBundle' | 'getBundle' | 'getLeaseSource'> = {
  /** First the bytes, then the row: so a bundle that has a row has its bytes on disk. */
  async uploadBundle({ queue, bundles }, call) {
    const key = keyOf(call, orgOf(call.principal, call.query.org_id));
    return bundles.inTurn(key, async () => {
      await markBlob(queue, bundles.nameOf(key));
      // After a restored backup the row may be there without its bytes.
      const known = (await findBundle(queue, key)) && (await bundles.has(key));
      const size = known ? known.size : (await bundles.keep(key, call.body.chunks, call.body.size)).size;
      // An upload may take long; with a token that was revoked meanwhile nothing is written.
      if (!known) await call.recheck();
      await addBundle(queue, key, size);
      return { sha256: key.sha256, size };
    });
  },

  async getBundle({ queue, bundles }, call) {
    const key = keyOf(call, orgOf(call.principal, call.query.org_id));
    // Whoever asks whether it is there submits next: it must not be deleted meanwhile.
    await touchBundle(queue, key);
    if (!(await findBundle(queue, key))) throw noBundle(key.sha256);
    return replyWithBundle(bundles, key);
  },

  async getLeaseSource({ queue, bundles }, call) {
    const key = await findLeaseBundle(queue, leaseCallerOf(call.principal), param(call, 'id'));
    return replyWithBundle(bundles, key);
  },
};

async function replyWithBundle(bundles: HttpDeps['bundles'], key: ContentKey): Promise<FileReply> {
  const { size, chunks } = await bundles.read(key).catch((error: unknown) => {
    if (error instanceof QgjobError && error.code === 'not_found') throw noBundle(key.sha256);
    throw error;
  });
  return {
    status: 200,
    headers: {
      'content-type': 'application/gzip',
      'content-length': String(size),
      'x-content-type-options': 'nosniff',
      etag: `"${key.sha256}"`,
    },
    chunks,
  };
}
