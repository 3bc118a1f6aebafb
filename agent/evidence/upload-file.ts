import { createHash } from 'node:crypto';
import { sendDirect } from '../../client/direct/send-direct.ts';
import { type Client, isRetryable, mayMeanTheBody, withRetry } from '../../client/index.ts';
import { Stall } from '../../client/stall.ts';
import type { Upload } from '../../protocol/contract.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { AttemptRef } from '../logs/append-to-server.ts';
import type { Masks } from '../logs/masks.ts';
import { longestTimerMs, type Timing } from '../timing.ts';
import type { FileToSend } from './choose-files.ts';
import { type OpenFile, openFile } from './open-file.ts';

/** To which attempt a file belongs, and who may upload it. */
export interface UploadTarget {
  readonly ref: AttemptRef;
  readonly client: Client;
}

export interface UploadOptions {
  readonly masks: Pick<Masks, 'openStream'>;
  readonly timing: Pick<Timing, 'stallMs'>;
  /** How long an upload that fails is tried again, in ms. */
  readonly forMs: number;
  /** Ends the upload. */
  readonly signal: AbortSignal;
}

/**
 * Uploads a file from the disk, never more than a few pieces of it in memory; an upload that is cut begins anew. Errors:
 * those of the server and of the file system, `unavailable` when the server did not take it in time, the reason of the
 * signal.
 */
export async function uploadFile(
  target: UploadTarget,
  file: FileToSend,
  options: UploadOptions,
): Promise<void> {
  const opened = await openFile(file.folder, file, options.masks);
  const upload = new FileUpload(target, file.artifact, opened, options);
  const { forMs, signal } = options;
  try {
    const isRetryable = (error: QgjobError) => upload.isWorthATry(error);
    await withRetry(() => upload.try(), true, { forMs, isRetryable }, signal);
  } finally {
    await opened.close();
  }
}

/** Something still writes to the file. */
class ChangedFile extends QgjobError {}

/** So often a file is read anew that changes while it is sent. */
const mostChanges = 3;
/** So often a file is sent whose upload is cut, or refused by something on the way that may not let such bytes through. */
const mostCuts = 5;

/** A smaller file costs less through the server, in one call, than by the three of an address. In bytes. */
const leastDirect = 64 * 1024;

/** The tries to upload one file. */
class FileUpload {
  readonly #target: UploadTarget;
  readonly #name: string;
  readonly #file: OpenFile;
  readonly #options: UploadOptions;
  /** What leaves of the file; it is read once for this, and anew for each try. */
  #known: { readonly size: number; readonly sha256: string } | undefined;
  /** Bytes that this try has sent. */
  #sent = 0;
  #changes = 0;
  #cuts = 0;

  constructor(target: UploadTarget, name: string, file: OpenFile, options: UploadOptions) {
    this.#target = target;
    this.#name = name;
    this.#file = file;
    this.#options = options;
  }

  async try(): Promise<void> {
    const { client, ref } = this.#target;
    this.#sent = 0;
    this.#known ??= await this.#read();
    const { size, sha256 } = this.#known;
    const stall = new Stall(this.#options.timing.stallMs, client.url);
    const once = client.with({ forMs: 0 });
    const named = { params: { id: ref.leaseId, job_id: ref.jobId, name: this.#name } };
    const body = { size, stream: () => this.#stream(size, stall) };
    const signal = AbortSignal.any([this.#options.signal, stall.signal]);
    try {
      if (size >= leastDirect && (await this.#sendDirect(once, { ...named, signal }, body, sha256))) return;
      // It may take as long as it goes on.
      const long = { signal, timeoutMs: longestTimerMs };
      await once.call('uploadArtifact', { ...named, query: { attempt: ref.attempt, sha256 }, body, ...long });
    } catch (error) {
      throw this.#known === undefined || isOfOtherBytes(error) ? this.#changed(error) : error;
    } finally {
      stall.clear();
    }
  }

  /** True: it is there. False: it is to be sent through the server. */
  async #sendDirect(
    client: Client,
    named: { readonly params: Record<string, string>; readonly signal: AbortSignal },
    body: Upload,
    sha256: string,
  ): Promise<boolean> {
    const facts = { attempt: this.#target.ref.attempt, size: body.size, sha256 };
    const { way } = await sendDirect(client.direct, {
      ...{ body, signal: named.signal },
      plan: () => client.call('openArtifactUpload', { ...named, body: facts }),
      complete: ({ artifact_id: id }) =>
        client.call('completeArtifactUpload', { ...named, body: { ...facts, artifact_id: id ?? '' } }),
    });
    // Those bytes went elsewhere.
    this.#sent = 0;
    if (this.#known === undefined) throw this.#changed();
    return way !== 'server';
  }

  isWorthATry(error: QgjobError): boolean {
    if (error instanceof ChangedFile) {
      this.#changes += 1;
      return this.#changes < mostChanges;
    }
    // A server that is away, or says itself that it has no room for now, costs the line nothing.
    if (error.requestId === undefined && (this.#sent > 0 || mayMeanTheBody(error))) this.#cuts += 1;
    return isRetryable(error) && this.#cuts < mostCuts;
  }

  async #read(): Promise<{ readonly size: number; readonly sha256: string }> {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of this.#file.chunks()) {
      this.#options.signal.throwIfAborted();
      hash.update(chunk);
      size += chunk.length;
    }
    return { size, sha256: hash.digest('hex') };
  }

  #stream(size: number, stall: Stall): ReadableStream<Uint8Array> {
    const chunks = this.#file.chunks();
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          stall.restart();
          const { value, done } = await chunks.next();
          this.#sent += value?.length ?? 0;
          if (this.#sent > size || (done && this.#sent < size)) controller.error(this.#changed());
          else if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: async () => void (await chunks.return(undefined)),
      },
      { highWaterMark: 0 },
    );
  }

  #changed(cause?: unknown): ChangedFile {
    this.#known = undefined;
    return new ChangedFile('invalid', 'it changes while it is read', { cause });
  }
}

/** The server's answer to bytes that are not those of the hash. */
const isOfOtherBytes = (error: unknown): boolean =>
  error instanceof QgjobError && error.code === 'invalid' && error.message.startsWith('sha256: ');
