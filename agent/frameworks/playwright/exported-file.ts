import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathInside } from '../../../client/path-inside.ts';
import { readSubmitted } from '../../read-submitted.ts';

/** What `require` of a suite would choose, in whatever order a package names them. */
const conditions = new Set(['node', 'require', 'module-sync', 'default']);

/**
 * The file of a package behind a name that it exports (`.`, `./cli`), as `require.resolve` would find it. Node itself is not
 * asked: it waits for a manifest that is a FIFO, and reads one without an end. Undefined: there is none.
 */
export function exportedFile(home: string, name: string): string | undefined {
  const manifest = readManifest(home);
  if (manifest === undefined) return undefined;
  const { exports, main } = manifest;
  const paths = exports === undefined ? namesOf(name, main) : [targetOf(exports, name)];
  return paths
    .map((path) => join(home, path ?? ''))
    .find((path) => (pathInside(home, path) || '') !== '' && isFile(path));
}

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();

interface Manifest {
  readonly exports?: unknown;
  readonly main?: unknown;
}

function readManifest(home: string): Manifest | undefined {
  try {
    const manifest: unknown = JSON.parse(readSubmitted(join(home, 'package.json')) ?? '');
    return typeof manifest === 'object' && manifest !== null ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** In a package that does not say what it exports. */
const namesOf = (name: string, main: unknown): string[] =>
  name === '.'
    ? [...(typeof main === 'string' ? [main, `${main}.js`] : []), 'index.js']
    : [`${name}.js`, `${name}/index.js`];

/** What a package says of one name: a path, or one by conditions, which may be nested. */
function targetOf(exports: unknown, name: string): string | undefined {
  const hasNames =
    typeof exports === 'object' &&
    exports !== null &&
    Object.keys(exports).every((key) => key.startsWith('.'));
  if (hasNames) return choose((exports as Readonly<Record<string, unknown>>)[name]);
  return name === '.' ? choose(exports) : undefined;
}

/** More levels than any package has; a hostile one has as many as it likes. */
const deepest = 10;

function choose(target: unknown, depth = 0): string | undefined {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null || depth > deepest) return undefined;
  for (const [condition, inner] of Object.entries(target)) {
    const found = conditions.has(condition) ? choose(inner, depth + 1) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
