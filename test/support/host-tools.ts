import { spawnSync } from 'node:child_process';

/** PATH as a newcomer has it: without the project's packages, so that the system's Node runs npx. */
export const newcomersPath = (process.env.PATH ?? '')
  .split(':')
  .filter((folder) => !folder.includes('node_modules'))
  .join(':');

/** True where a newcomer's PATH has these programs. With `QGJOB_REQUIRE_TOOLS` it must have them. */
export function hasTools(...names: readonly string[]): boolean {
  const env = { PATH: newcomersPath };
  const missing = names.filter((name) => spawnSync(name, ['--version'], { env }).status !== 0);
  if (missing.length === 0) return true;
  const words = `not on PATH outside of node_modules: ${missing.join(', ')}`;
  if (process.env.QGJOB_REQUIRE_TOOLS) throw new Error(words);
  process.stderr.write(`skipped: ${words}\n`);
  return false;
}
