import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { expect, onTestFinished } from 'vitest';
import { findChromium } from '../../agent/test-support/host.ts';
import { tempFolder } from './queue.ts';

export const chromiumPath = findChromium();

interface Looks {
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
  readonly javaScript?: boolean;
}

/** A browser of somebody who looks at the dashboard, and what it complained of. */
export interface Browser {
  readonly page: Page;
  /** Errors of the console, of scripts and of the policy, but for the connections that a test has cut. */
  readonly complaints: string[];
}

/** Opens a browser that ends with the test. */
export async function openBrowser({
  width = 1280,
  scheme = 'light',
  javaScript = true,
}: Looks = {}): Promise<Browser> {
  const browser = await chromium.launch({
    ...(chromiumPath && { executablePath: chromiumPath }),
    args: ['--no-sandbox'],
  });
  onTestFinished(() => browser.close());
  const context: BrowserContext = await browser.newContext({
    viewport: { width, height: width < 500 ? 812 : 900 },
    colorScheme: scheme,
    javaScriptEnabled: javaScript,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`script: ${error.message}`));
  page.on('console', (message) => {
    const text = message.text();
    const isCut = /net::ERR_(CONNECTION|EMPTY|INCOMPLETE|NETWORK|SOCKET)\w*/.test(text);
    if (['error', 'warning'].includes(message.type()) && !isCut) complaints.push(`console: ${text}`);
  });
  return { page, complaints };
}

export async function signInWith(page: Page, url: string, token: string, path = ''): Promise<void> {
  await page.goto(`${url}/ui${path}`);
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}

let folder: string | undefined;

/** Pictures are kept where `QGJOB_SCREENSHOTS` names a folder. */
export async function takePicture(page: Page, name: string): Promise<void> {
  folder ??= process.env.QGJOB_SCREENSHOTS ?? tempFolder();
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.png`), await page.screenshot({ fullPage: true }));
}

/** Fails where somebody who cannot see, or cannot use a mouse, has a serious hindrance. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const found = serious.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}: ${nodes
        .map(({ html }) => html.slice(0, 160))
        .slice(0, 3)
        .join(' | ')}`,
  );
  expect(found).toEqual([]);
}

/** Fails where the page is wider than the window: then one has to scroll sideways to read. */
export async function expectNoSideways(page: Page): Promise<void> {
  const wide = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  expect(wide).toBe(0);
}
