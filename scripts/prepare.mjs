// `npm ci` in a checkout builds the project; where the compiler is not installed (a consumer of the
// package, or --omit=dev) there is nothing to build and nothing to do.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = `${root}node_modules/typescript/bin/tsc`;
const program = `${root}build/cli/main.js`;
const { npm_command: npmCommand, npm_execpath: npm } = process.env;

// `npx qgjob` links the checkout into npm's cache and prepares it again on its way; the build is there by then.
const isForNpx = npmCommand === 'exec' && existsSync(program);

if (!isForNpx && existsSync(tsc) && existsSync(`${root}tsconfig.build.json`)) {
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
 * `npx qgjob` in a checkout. The compiler sets no executable bit. And npx links a package's own command once, into a
 * cache: had it found no build then, it would not look again. On Windows npx needs neither.
 */
function linkCommand(link) {
  if (process.platform === 'win32') return;
  chmodSync(program, 0o755);
  rmSync(link, { force: true });
  symlinkSync('../../build/cli/main.js', link);
}

/**
 * The first `npx qgjob` of a checkout makes npm install the checkout into its cache, which takes seconds. An install
 * does that here, so that the first command starts as every other. When it fails, that first one is slow, no more.
 */
function linkForNpx() {
  if ((npmCommand !== 'ci' && npmCommand !== 'install') || !npm?.endsWith('npm-cli.js')) return;
  const args = [npm, 'exec', '--offline', '--', 'qgjob', '--version'];
  spawnSync(process.execPath, args, { cwd: root, stdio: 'ignore', timeout: 60_000 });
}
