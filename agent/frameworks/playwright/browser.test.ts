import { expect, test } from 'vitest';
import { findChromium } from '../../test-support/host.ts';
import { leaseOf } from '../../test-support/leases.ts';
import { startTestAgent } from '../../test-support/start-agent.ts';

const chromium = findChromium();
const reason = 'no Chromium here: set PLAYWRIGHT_CHROMIUM, or install the package chromium-headless-shell';
if (!chromium) process.stderr.write(`skipped: ${reason}\n`);

const files = {
  'playwright.config.ts': `
    import { defineConfig } from '@playwright/test';
    export default defineConfig({
      testDir: 'tests',
      reporter: 'list',
      retries: 1,
      use: { launchOptions: { executablePath: ${JSON.stringify(chromium)} } },
    });`,
  'tests/cart.spec.ts': `
    import { expect, test } from '@playwright/test';
    test.describe('cart', () => {
      test('counts what is put in', async ({ page }) => {
        await page.setContent('<button onclick="count.value++">add</button><input id="count" value="0">');
        await page.getByRole('button', { name: 'add' }).click();
        await expect(page.locator('#count')).toHaveValue('1');
      });
      // Part of the suite under test: a skipped case is reported as skipped.
      test.skip('forgets', () => undefined);
    });`,
  'tests/checkout.spec.ts': `
    import { expect, test } from '@playwright/test';
    test('shows the total', async ({ page }) => {
      await page.setContent('<h1>Total: 0 EUR</h1>');
      await expect(page.getByRole('heading')).toHaveText('Total: 42 EUR', { timeout: 100 });
    });`,
  'tests/empty.spec.ts': `export const helper = 1;`,
  'tests/later.spec.ts': `
    import { test } from '@playwright/test';
    // Part of the suite under test: a file with only skipped tests must not pass.
    test.skip('comes later', async ({ page }) => { await page.goto('about:blank'); });`,
};
const paths = Object.keys(files).filter((path) => path.startsWith('tests/'));

test.skipIf(!chromium)(
  `a suite in a real browser, file by file${chromium ? '' : ` (${reason})`}`,
  async () => {
    const { server } = await startTestAgent({ files, frameworks: { default: 'playwright' } });
    server.grant(leaseOf(paths, { framework: 'playwright', install: true }));

    expect(await server.verdict('job_tests_cart_spec_ts')).toMatchObject({
      verdict: 'passed',
      tests: [
        { name: 'cart › counts what is put in', file: 'tests/cart.spec.ts', line: 4, status: 'passed' },
        { name: 'cart › forgets', status: 'skipped' },
      ],
    });
    expect(await server.verdict('job_tests_checkout_spec_ts')).toMatchObject({
      verdict: 'failed',
      error: expect.stringMatching(/^1 of 1 test failed: shows the total: .*toHaveText/),
      tests: [
        { status: 'failed', message: expect.stringMatching(/Expected: "Total: 42 EUR".*Total: 0 EUR/s) },
      ],
    });
    expect(await server.verdict('job_tests_empty_spec_ts')).toMatchObject({
      verdict: 'error',
      error_class: 'report_error',
      error: expect.stringMatching(/^no test ran: .*No tests found/),
    });
    expect(await server.verdict('job_tests_later_spec_ts')).toMatchObject({
      verdict: 'error',
      error_class: 'report_error',
      error: expect.stringMatching(/^no test ran: its one test was skipped/),
      tests: [{ name: 'comes later', status: 'skipped' }],
    });
    // The agent installed nothing, and each failing test ran once: retries are made by the queue.
    expect(server.callsOf('reportInstalled')[0]?.body).toMatchObject({ ok: true, installs: 0 });
    expect(server.logOf('job_tests_cart_spec_ts')).toContain('✓ cart › counts what is put in');
    expect(server.logOf('job_tests_checkout_spec_ts')).not.toContain('retry #1');
  },
);
