import type { QgjobError } from '../../protocol/errors.ts';
import type { AppVersion } from '../../protocol/shapes/app-version.ts';
import { sendDirect } from '../direct/send-direct.ts';
import { type Client, isRetryable as isWorthATry } from '../index.ts';
import { Stall } from '../stall.ts';
import { platformOf } from './find-manifest.ts';
import { changed, type PreparedApp } from './prepare-app.ts';

export interface SendAppOptions {
  readonly orgId?: string | undefined;
  readonly appVersionId: string;
  /** Where the app is besides. */
  readonly url?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called while bytes go out, and at the end. */
  readonly onProgress?: ((sent: number, total: number) => void) | undefined;
}

/** The server lets an upload go on for so long; and how long no bytes may go out. In ms. */
const uploadMs = 3_600_000;
const stallMs = 120_000;
/** So often an upload that was cut in the middle is begun anew, however long it took. */
const mostCuts = 3;

export interface SentApp {
  readonly appVersion: AppVersion;
  /** False: the org had the build already, and nothing was sent. */
  readonly isNew: boolean;
}

/** Registers an app version with its build, and uploads that unless the org has it. Errors: those of the calls; `invalid` where the file changes meanwhile. */
export async function sendApp(
  client: Client,
  app: PreparedApp,
  { orgId, appVersionId, url, signal, onProgress }: SendAppOptions,
): Promise<SentApp> {
  const named = {
    params: { id: appVersionId },
    query: orgId === undefined ? {} : { org_id: orgId },
  };
  const body = {
    platform: platformOf(app.kind),
    package_name: app.packageName,
    sha256: app.sha256,
    ...(url !== undefined && { url }),
  };
  const known = await client.call('registerAppVersion', { ...named, body, signal });
  if (known.size !== null) return { appVersion: known, isNew: false };
  const appVersion = await upload(client, app, { ...named, signal, onProgress });
  return { appVersion, isNew: true };
}

interface Upload extends Pick<SendAppOptions, 'signal' | 'onProgress'> {
  readonly params: { readonly id: string };
  readonly query: { readonly org_id?: string };
}

async function upload(
  client: Client,
  { path, blob, sha256 }: PreparedApp,
  { signal, onProgress, ...named }: Upload,
): Promise<AppVersion> {
  const stall = new Stall(stallMs, client.url);
  let sent = 0;
  let cuts = 0;
  let broken: unknown;
  const stream = (): ReadableStream<Uint8Array> => {
    sent = 0;
    return counted(blob, {
      onChunk: (bytes) => {
        sent += bytes;
        stall.restart();
        onProgress?.(sent, blob.size);
      },
      onError: (error) => {
        broken = error;
      },
    });
  };
  const isWaitedOut = (): boolean => {
    if (sent === 0) return false;
    cuts += 1;
    return cuts < mostCuts;
  };
  const isRetryable = (error: QgjobError): boolean => broken === undefined && isWorthATry(error);
  const body = { size: blob.size, stream };
  const either = signal ? AbortSignal.any([signal, stall.signal]) : stall.signal;
  const facts = { ...named, body: { size: blob.size, sha256 }, signal };
  try {
    const sent = await sendDirect(client.direct, {
      ...{ body, signal: either },
      plan: () => client.with({ forMs: 0 }).call('openAppUpload', facts),
      complete: () => client.call('completeAppUpload', { ...facts, timeoutMs: uploadMs }),
    });
    if (sent.way === 'address') return sent.answer;
    if (broken !== undefined) throw broken;
    if (sent.way === 'nothing') return await client.call('getAppVersion', { ...named, signal });
    stall.restart();
    return await client.with({ isWaitedOut, isRetryable }).call('uploadAppFile', {
      ...{ ...named, body, signal: either, timeoutMs: uploadMs },
    });
  } catch (error) {
    throw broken === undefined ? error : changed(path, broken);
  } finally {
    stall.clear();
  }
}

interface Watch {
  readonly onChunk: (bytes: number) => void;
  /** The file cannot be read any more. */
  readonly onError: (error: unknown) => void;
}

function counted(blob: Blob, { onChunk, onError }: Watch): ReadableStream<Uint8Array> {
  const chunks = blob.stream().values();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { value, done } = await chunks.next();
          if (done) return controller.close();
          onChunk(value.length);
          controller.enqueue(value);
        } catch (error) {
          onError(error);
          controller.error(error);
        }
      },
      cancel: async () => void (await chunks.return?.()),
    },
    { highWaterMark: 0 },
  );
}
