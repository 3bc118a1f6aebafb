// Proves that dist/ is what the sources make, byte for byte, and that docs/action.md says what action.yml says.
// Changes nothing but build/, which is not committed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { docsPath, renderActionDocs } from './action-docs.mjs';
import { bundle, root } from './build-dist.mjs';

/** Files of a folder and what is in them, by their path inside it. */
function readFolder(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(files.map((file) => [relative(folder, file), readFileSync(file)]));
}

/** One line for each file that is not the same in both. */
function differences(committed, built) {
  return [...new Set([...committed.keys(), ...built.keys()])].sort().flatMap((name) => {
    const [is, should] = [committed.get(name), built.get(name)];
    if (!should) return [`dist/${name} is not made by the sources any more`];
    if (!is) return [`dist/${name} is missing`];
    return is.equals(should) ? [] : [`dist/${name} is not what the sources make`];
  });
}

function compareDist() {
  // The compiler emits in spite of type errors, which are another check's business; an old build must not count.
  rmSync(join(root, 'build/action'), { recursive: true, force: true });
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
