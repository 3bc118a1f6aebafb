import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

// A Chromium of the system's packages, where Playwright's own is not installed.
const chromium = process.env.PLAYWRIGHT_CHROMIUM ?? '/usr/bin/chromium';

export default defineConfig({
  testDir: '.',
  use: {
    browserName: 'chromium',
    screenshot: 'only-on-failure',
    launchOptions: existsSync(chromium) ? { executablePath: chromium } : {},
  },
});
