// Builds the project on `npm ci` in a checkout. Does nothing where the compiler is not installed (a user of the
// package, or --omit=dev).
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = `${root}node_modules/typescript/bin/tsc`;
const program = `${root}build/cli/main.js`;
const { npm_command: npmCommand, npm_execpath: npm } = process.env;

// `npx qgjob` links the checkout into npm's cache and runs `prepare` again; the build exists by then.
const isForNpx = npmCommand === 'exec' && existsSync(program);

if (!isForNpx && existsSync(tsc) && existsSync(`${root}tsconfig.build.json`)) {
  // What is packed or bundled is built as a whole; tests build what has changed.
  rmSync(`${root}build/.tsbuildinfo`, { force: true });
  const build = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  process.exitCode = build.status ?? 1;
  if (existsSync(program)) {
    linkCommand(`${root}node_modules/.bin/qgjob`);
    linkForNpx();
  }
}

/**
 * Makes `npx qgjob` work in a checkout. The compiler sets no executable bit. And npx links a package's own command only
 * once, when there may be no build yet. On Windows npx needs neither.
 */
function linkCommand(link) {
  if (process.platform === 'win32') return;
  chmodSync(program, 0o755);
  rmSync(link, { force: true });
  symlinkSync('../../build/cli/main.js', link);
}

/**
 * The first `npx qgjob` of a checkout installs the checkout into npm's cache, which takes seconds. This does it during
 * the install. Where it fails, only the first command is slow.
 */
function linkForNpx() {
  if ((npmCommand !== 'ci' && npmCommand !== 'install') || !npm?.endsWith('npm-cli.js')) return;
  const args = [npm, 'exec', '--offline', '--', 'qgjob', '--version'];
  spawnSync(process.execPath, args, { cwd: root, stdio: 'ignore', timeout: 60_000 });
}
