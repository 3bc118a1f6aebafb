import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

// The system's Chromium, if it is installed; otherwise Playwright's own.
const chromium = process.env.PLAYWRIGHT_CHROMIUM ?? '/usr/bin/chromium';

export default defineConfig({
  testDir: '.',
  use: {
    browserName: 'chromium',
    screenshot: 'only-on-failure',
    launchOptions: existsSync(chromium) ? { executablePath: chromium } : {},
  },
});
