// Checks that a new bundle equals dist/ byte for byte, and that the tables of docs/action.md fit action.yml. Changes
// only build/, which is not committed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { docsPath, renderActionDocs } from './action-docs.mjs';
import { bundle, root } from './build-dist.mjs';

/** The contents of the files of a folder, by their path inside it. */
function readFolder(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(files.map((file) => [relative(folder, file), readFileSync(file)]));
}

/** One line for each file that differs. */
function differences(committed, built) {
  return [...new Set([...committed.keys(), ...built.keys()])].sort().flatMap((name) => {
    const [is, should] = [committed.get(name), built.get(name)];
    if (!should) return [`dist/${name} is not made by the sources any more`];
    if (!is) return [`dist/${name} is missing`];
    return is.equals(should) ? [] : [`dist/${name} is not what the sources make`];
  });
}

function compareDist() {
  // The compiler also writes files when it finds type errors, which another check reports; an old build must not stay.
  rmSync(join(root, 'build/action'), { recursive: true, force: true });
  rmSync(join(root, 'build/.tsbuildinfo'), { force: true });
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root });
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-dist-'));
  try {
    bundle(folder);
    return differences(readFolder(join(root, 'dist')), readFolder(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const wrong = compareDist();
if (readFileSync(docsPath, 'utf8') !== renderActionDocs()) {
  wrong.push('docs/action.md does not say what action.yml says');
}
if (wrong.length > 0) {
  process.stderr.write(
    `${wrong.join('\n')}\nRun "npm run build:dist" and commit dist/ and docs/action.md.\n`,
  );
  process.exitCode = 1;
}
