import { existsSync } from 'node:fs';

/** A Chromium that is installed here: `PLAYWRIGHT_CHROMIUM`, or where Debian puts it. */
export function findChromium(): string | undefined {
  const path = process.env.PLAYWRIGHT_CHROMIUM ?? '/usr/bin/chromium';
  return existsSync(path) ? path : undefined;
}
