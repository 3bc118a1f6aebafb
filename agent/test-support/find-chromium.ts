import { existsSync } from 'node:fs';

/**
 * A Chromium that is installed here: `PLAYWRIGHT_CHROMIUM`, or where Debian puts it. Throws where there must be one
 * (`QGJOB_REQUIRE_BROWSER`): the project's own check never skips what needs it.
 */
export function findChromium(): string | undefined {
  const path = process.env.PLAYWRIGHT_CHROMIUM ?? '/usr/bin/chromium';
  if (existsSync(path)) return path;
  if (process.env.QGJOB_REQUIRE_BROWSER) throw new Error(`there is no Chromium at ${path}`);
  return undefined;
}
