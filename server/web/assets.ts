import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Asset {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The files that pages load: a style sheet, modules as they were written, an icon. */
export interface Assets {
  /** Of all files: it stands in their addresses, so that a browser may keep them for good. */
  readonly hash: string;
  readonly files: ReadonlyMap<string, Asset>;
}

/** Reads them once; a server answers them from its memory. */
export function readAssets(folder = findAssets()): Assets {
  const digest = createHash('sha256');
  const files = new Map<string, Asset>();
  for (const name of readdirSync(folder).sort()) {
    const type = types[extname(name)];
    if (type === undefined) continue;
    const bytes = new Uint8Array(readFileSync(join(folder, name)));
    digest.update(`${name}\0${bytes.length}\0`).update(bytes);
    files.set(name, { bytes, type });
  }
  return { hash: digest.digest('hex').slice(0, 16), files };
}

/** `server/web/assets/` of the package, from the sources as well as from build/. */
function findAssets(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const found = join(folder, 'server/web/assets/style.css');
    if (existsSync(found)) return dirname(found);
    const parent = dirname(folder);
    if (parent === folder) throw new Error('the folder server/web/assets/ is missing from this installation');
    folder = parent;
  }
}
