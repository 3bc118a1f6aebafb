import { isAbsolute, posix } from 'node:path';
import { QgjobError } from '../../protocol/errors.ts';
import type { Source } from '../../protocol/shapes/origin.ts';
import type { GitOptions } from '../run-git.ts';
import { type BundleList, listBundle } from './list-bundle.ts';
import { packBundle } from './pack-bundle.ts';
import type { LeftOut } from './resolve-files.ts';

export interface PackOptions {
  /** Absolute: what test paths are relative to. */
  readonly folder: string;
  /** Relative to the folder. Each must be in the bundle. */
  readonly tests: readonly string[];
  readonly git: GitOptions;
  readonly signal?: AbortSignal | undefined;
}

/** The source around a folder, packed into a file that `dispose` removes. */
export interface PackedSource {
  readonly source: Extract<Source, { kind: 'bundle' }>;
  readonly blob: Blob;
  /** Absolute: the folder that was packed. */
  readonly root: string;
  /** How many. */
  readonly files: number;
  /** Packed. */
  readonly bytes: number;
  readonly leftOut: readonly LeftOut[];
  readonly heldBack: readonly string[];
  dispose(): Promise<void>;
}

/** Packs the source around a folder. Errors: `invalid` (git, a test that is not in the bundle), `too_large`. */
export async function packSource({ folder, tests, git, signal }: PackOptions): Promise<PackedSource> {
  const list = await listBundle(folder, git);
  refuseMissing(tests, list);
  const { sha256, blob, dispose } = await packBundle(list.files, signal);
  return {
    source: { kind: 'bundle', sha256, ...(list.subdir !== '' && { subdir: list.subdir }) },
    blob,
    root: list.root,
    files: list.files.length,
    bytes: blob.size,
    leftOut: list.leftOut,
    heldBack: list.heldBack,
    dispose,
  };
}

function refuseMissing(tests: readonly string[], { subdir, files, leftOut, heldBack }: BundleList): void {
  const packed = new Set(files.map(({ path }) => path));
  const missing = tests.find((test) => isAbsolute(test) || !packed.has(posix.join(subdir, test)));
  if (missing === undefined) return;
  const path = posix.join(subdir, missing);
  const known = leftOut.find((one) => path === one.path || path.startsWith(`${one.path}/`))?.why;
  const held = heldBack.includes(path) ? 'may hold a secret, and git does not track it' : undefined;
  throw new QgjobError(
    'invalid',
    `the test ${missing} is not in the bundle: it ${known ?? held ?? 'is not there, or git or .qgjobignore ignores it'}`,
  );
}
