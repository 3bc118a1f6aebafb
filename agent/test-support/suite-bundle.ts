import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import type { Lease } from '../../protocol/shapes/agent.ts';

/** A suite as a run brings it. */
export interface SuiteBundle {
  readonly bytes: Uint8Array;
  readonly source: NonNullable<Lease['source']>;
  /** Settings of an agent that has the suite's packages at hand. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Packs a copy of a suite; its packages are linked in by the set-up. */
export async function bundleSuite(root: string): Promise<SuiteBundle> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name));
  const entries = files.map((path) => {
    const body = readFileSync(path);
    return { header: { name: path.slice(root.length + 1), size: body.length, type: 'file' as const }, body };
  });
  const bytes = gzipSync(await packTar(entries));
  const packages = realpathSync(join(root, 'node_modules'));
  return {
    bytes,
    source: { kind: 'bundle', sha256: createHash('sha256').update(bytes).digest('hex') },
    settings: { setup: ['ln', '-s', packages, 'node_modules'] },
  };
}
