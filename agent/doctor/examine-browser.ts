import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Finding, ok, warning } from '../../host/finding.ts';

const ofSystem = ['chromium-headless-shell', 'chromium', 'google-chrome', 'firefox'];

/** A suite chooses its browser by itself: where none is found, its pages may still find one elsewhere. */
export function examineBrowser(env: Readonly<Record<string, string>>): Finding {
  const own = env.PLAYWRIGHT_BROWSERS_PATH ?? join(env.HOME ?? '', '.cache/ms-playwright');
  const kept = list(own).filter((name) => /^(chromium|firefox|webkit)/.test(name));
  if (kept.length > 0) return ok('browser', `Playwright's own: ${kept.join(', ')}`);
  const found = ofSystem.filter((name) =>
    (env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name))),
  );
  if (found.length > 0)
    return ok('browser', `${found.join(', ')} of the system, for suites that name its path`);
  return warning(
    'browser',
    'none is installed: tests of Playwright that open a page fail',
    'npx playwright install --with-deps chromium',
  );
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
