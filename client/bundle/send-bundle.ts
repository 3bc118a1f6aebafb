import { isAbsolute, posix } from 'node:path';
import { QgjobError } from '../../protocol/errors.ts';
import type { Source } from '../../protocol/shapes/run.ts';
import type { Client } from '../client.ts';
import type { GitOptions } from '../run-git.ts';
import { listBundle } from './list-bundle.ts';
import { packBundle } from './pack-bundle.ts';
import type { LeftOut } from './resolve-files.ts';

export interface SendOptions {
  /** Absolute: what test paths are relative to. */
  readonly folder: string;
  /** Relative to the folder. Each must be in the bundle. */
  readonly tests: readonly string[];
  readonly orgId?: string | undefined;
  readonly git: GitOptions;
  readonly signal?: AbortSignal | undefined;
  /** Called while bytes go out, and at the end. */
  readonly onProgress?: ((sent: number, total: number) => void) | undefined;
}

export interface SentBundle {
  readonly source: Extract<Source, { kind: 'bundle' }>;
  /** Absolute: the folder that was packed. */
  readonly root: string;
  readonly files: number;
  /** Packed. */
  readonly bytes: number;
  /** False: the server had it already. */
  readonly isNew: boolean;
  readonly leftOut: readonly LeftOut[];
}

/** For up to 50 MiB on a slow line, in ms. */
const uploadMs = 15 * 60_000;

/**
 * Packs the source around a folder and uploads it, unless the server has it. Errors: `invalid` (git, a test that is not in
 * the bundle), `too_large`, those of the upload.
 */
export async function sendBundle(client: Client, options: SendOptions): Promise<SentBundle> {
  const { folder, orgId, signal } = options;
  const list = await listBundle(folder, options.git);
  refuseMissing(options.tests, list.subdir, new Set(list.files.map(({ path }) => path)), list.leftOut);
  const bundle = await packBundle(list.files, signal);
  try {
    const { sha256, blob } = bundle;
    const params = { sha256 };
    const query = orgId === undefined ? {} : { org_id: orgId };
    const isNew = !(await client.has('getBundle', { params, query, sha256, signal }));
    if (isNew) {
      const body = { size: blob.size, stream: () => counted(blob, options.onProgress) };
      await client.call('uploadBundle', { params, query, body, signal, timeoutMs: uploadMs });
    }
    const source = { kind: 'bundle', sha256, ...(list.subdir !== '' && { subdir: list.subdir }) } as const;
    return {
      source,
      root: list.root,
      files: list.files.length,
      bytes: blob.size,
      isNew,
      leftOut: list.leftOut,
    };
  } finally {
    await bundle.dispose();
  }
}

function refuseMissing(
  tests: readonly string[],
  subdir: string,
  packed: ReadonlySet<string>,
  leftOut: readonly LeftOut[],
): void {
  const missing = tests.find((test) => isAbsolute(test) || !packed.has(posix.join(subdir, test)));
  if (missing === undefined) return;
  const path = posix.join(subdir, missing);
  const why = leftOut.find((one) => path === one.path || path.startsWith(`${one.path}/`))?.why;
  throw new QgjobError(
    'invalid',
    `the test ${missing} is not in the bundle: it ${why ?? 'is not there, or git or .qgjobignore ignores it'}`,
  );
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
