import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

// A Chromium of Debian, if there is one: the headless shell starts in a fraction of the time. Otherwise Playwright's own.
const installed = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find(existsSync);
const chromium = process.env.PLAYWRIGHT_CHROMIUM ?? installed;

export default defineConfig({
  testDir: '.',
  use: {
    browserName: 'chromium',
    screenshot: 'only-on-failure',
    launchOptions: chromium && existsSync(chromium) ? { executablePath: chromium } : {},
  },
});
