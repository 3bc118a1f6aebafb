// Bundles the Action with ncc into dist/, which is committed because GitHub runs it as it is; nothing is edited there.
// Also writes the tables of docs/action.md, which come from action.yml.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { docsPath, renderActionDocs } from './action-docs.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));
const ncc = fileURLToPath(import.meta.resolve('@vercel/ncc/dist/ncc/cli.js'));

/**
 * Bundles build/action/main.js, made by tsc, into an empty folder. Runs in the root, because the bundle names modules
 * by their path from there; without ncc's cache, so that the result depends on the sources alone.
 */
export function bundle(folder) {
  rmSync(folder, { recursive: true, force: true });
  const args = [
    'build',
    'build/action/main.js',
    '-o',
    folder,
    '--license',
    'licenses.txt',
    '--no-cache',
    '-q',
  ];
  const { status } = withoutOwnFetch(() =>
    spawnSync(process.execPath, [ncc, ...args], { cwd: root, stdio: 'inherit' }),
  );
  if (status !== 0) throw new Error(`ncc failed with exit code ${status}`);
}

/**
 * For Node ofetch brings a fetch of its own, 120 kB that a Node with fetch never runs: while the bundle is made, ofetch is
 * the same without it, as other runtimes get it.
 */
function withoutOwnFetch(make) {
  const stub = join(root, 'build/node_modules/ofetch');
  mkdirSync(stub, { recursive: true });
  writeFileSync(join(stub, 'package.json'), '{"type":"module","exports":"./index.js","sideEffects":false}');
  writeFileSync(join(stub, 'index.js'), "export * from '../../../node_modules/ofetch/dist/index.mjs';\n");
  try {
    return make();
  } finally {
    rmSync(join(root, 'build/node_modules'), { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  bundle(join(root, 'dist'));
  writeFileSync(docsPath, renderActionDocs());
}
