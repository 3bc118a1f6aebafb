import type { Client } from '../client.ts';
import { sendDirect } from '../direct/send-direct.ts';
import type { PackedSource } from './pack-source.ts';

export interface SendOptions {
  readonly orgId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called while bytes go out, and at the end. */
  readonly onProgress?: ((sent: number, total: number) => void) | undefined;
}

/** For up to 50 MiB on a slow line, in ms. */
const uploadMs = 15 * 60_000;
/** The server may have to read what was uploaded elsewhere. */
const checkMs = 5 * 60_000;

/** Uploads a packed source. False: the server had it already, and nothing was sent. Errors: those of the upload. */
export async function sendBundle(
  client: Client,
  { source: { sha256 }, blob }: PackedSource,
  { orgId, signal, onProgress }: SendOptions,
): Promise<boolean> {
  const params = { sha256 };
  const query = orgId === undefined ? {} : { org_id: orgId };
  if (await client.has('getBundle', { params, query, sha256, signal })) return false;
  const body = { size: blob.size, stream: () => counted(blob, onProgress) };
  const facts = { params, query, body: { size: blob.size }, signal };
  const sent = await sendDirect(client.direct, {
    ...{ body, signal },
    plan: () => client.with({ forMs: 0 }).call('openBundleUpload', facts),
    complete: () => client.call('completeBundleUpload', { ...facts, timeoutMs: checkMs }),
  });
  if (sent.way !== 'server') return sent.way === 'address';
  await client.call('uploadBundle', { params, query, body, signal, timeoutMs: uploadMs });
  return true;
}

function counted(blob: Blob, onProgress: SendOptions['onProgress']): ReadableStream<Uint8Array> {
  let sent = 0;
  return blob.stream().pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        sent += chunk.length;
        onProgress?.(sent, blob.size);
        controller.enqueue(chunk);
      },
    }),
  );
}
