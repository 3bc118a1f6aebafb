// `npm ci` in a checkout builds the project; where the compiler is not installed (a consumer of the
// package, or --omit=dev) there is nothing to build and nothing to do.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = `${root}node_modules/typescript/bin/tsc`;
if (existsSync(tsc) && existsSync(`${root}tsconfig.build.json`)) {
  const build = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  process.exitCode = build.status ?? 1;
  linkCommand(`${root}build/cli/main.js`, `${root}node_modules/.bin/qgjob`);
}

/**
 * `npx qgjob` in a checkout. The compiler sets no executable bit. And npx links a package's own command once, into a
 * cache: had it found no build then, it would not look again. On Windows npx needs neither.
 */
function linkCommand(program, link) {
  if (process.platform === 'win32' || !existsSync(program)) return;
  chmodSync(program, 0o755);
  rmSync(link, { force: true });
  symlinkSync('../../build/cli/main.js', link);
}
