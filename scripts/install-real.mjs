// Installs the packages of the suites in test/real, or of those that are named: without scripts, by their lock files.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../test/real', import.meta.url));
const named = process.argv.slice(2);
const names = named.length > 0 ? named : readdirSync(root);

for (const name of names) {
  const folder = join(root, name);
  const lock = join(folder, 'package-lock.json');
  if (!existsSync(lock)) continue;
  const text = readFileSync(lock, 'utf8');
  const stamp = join(folder, 'node_modules/.qgjob-lock.json');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === text) continue;
  process.stdout.write(`installing the packages of test/real/${name}\n`);
  // The Node of this project must not be taken for npm's own.
  const PATH = `${dirname(process.execPath)}:${process.env.PATH}`;
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    env: { ...process.env, PATH },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) process.exit(1);
  writeFileSync(stamp, text);
}
