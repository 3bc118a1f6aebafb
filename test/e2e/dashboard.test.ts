import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  chromiumPath,
  expectAccessible,
  expectNoSideways,
  openBrowser,
  signInWith,
  takePicture,
} from '../support/dashboard-lab.ts';
import { fillDashboard } from '../support/dashboard-rows.ts';
import { tempFolder } from '../support/queue.ts';
import { startRealAgent } from '../support/real-agent.ts';
import { openRelay } from '../support/relay.ts';
import { startTestServer } from '../support/server.ts';

const long = { timeout: 90_000 };
/** Many pages, each looked at by axe: on a host that is busy that takes minutes. */
const manyPagesMs = 600_000;

/** Prints numbered lines, some at once and more behind each gate, a file that a test makes; then ends as told. */
const printer = (gates: readonly string[], exit: number): string =>
  [
    'n=0',
    'say() { i=0; while [ $i -lt "$1" ]; do i=$((i+1)); n=$((n+1)); printf "\\033[3%sm%s\\033[0m <b>counts</b> on\\n" $((n % 8)) "line-$n-"; done; }',
    'say 300',
    ...gates.map((gate) => `until [ -e '${gate}' ]; do sleep 0.05; done; say 300`),
    `exit ${exit}`,
  ].join('\n');

const failedReport =
  '<testsuite tests="1" failures="1"><testcase name="total"><failure message="Expected 45.00, received 50.00"/></testcase></testsuite>';

/** A server behind a relay, an agent on one device, and a run of which the first test prints until its gates open. */
async function openLab() {
  const server = await startTestServer({ artifactLimits: { keepFreeBytes: 0 } });
  const relay = await openRelay(server.url);
  const rows = await fillDashboard(server);
  const root = tempFolder();
  const gates = ['one', 'two', 'three'].map((name) => join(root, `gate-${name}`));
  const files = {
    'talks.sh': printer(gates, 0),
    'fails.sh': `echo '${failedReport}' > "$QGJOB_JUNIT"; exit 1`,
    'quick.sh': 'echo fine',
    ...Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`more-${n}.sh`, 'echo fine'])),
  };
  const agent = startRealAgent({
    url: server.url,
    token: server.adminToken,
    target: 'emulator',
    root,
    files,
  });
  onTestFinished(() => agent.stop().then(() => undefined));
  const { run, jobs } = await server.as(rows.tokens.submit).call('submitRun', {
    body: {
      app_version_id: 'shop-2.4.0',
      tests: Object.keys(files),
      target: 'emulator',
      retry_failed_tests: 0,
    },
  });
  const jobOf = (name: string) => jobs.find((job) => job.test_path === name)?.job_id ?? '';
  const open = (n: number) => writeFileSync(gates[n] ?? '', '');
  return { server, relay, rows, run, jobOf, open, openAll: () => gates.forEach((_, n) => void open(n)) };
}

const rowOf = (page: Page, name: string) => page.locator('#tests tr', { hasText: name });

/** The numbers of the lines of the log as they stand on the page. */
const numbersOf = (page: Page): Promise<number[]> =>
  page.locator('.log .l > span').evaluateAll((all) =>
    (all as { textContent: string }[]).flatMap(({ textContent }) => {
      const [, n] = /^line-(\d+)-/.exec(textContent) ?? [];
      return n === undefined ? [] : [Number(n)];
    }),
  );

describe.skipIf(!chromiumPath)('in a browser', () => {
  test('the rows of a run change as its tests go on, without a reload, and what one has opened stays', async () => {
    const { server, rows, run, openAll } = await openLab();
    const { page, complaints } = await openBrowser();
    await signInWith(page, server.url, rows.tokens.submit, `/runs/${run.run_id}`);
    await page.evaluate('globalThis.wasHere = true');
    await rowOf(page, 'talks.sh').getByText('running').waitFor(long);
    await expectAccessible(page);
    await takePicture(page, 'run-live-light');
    await page.locator('#q').fill('s');
    await page.locator('#q').focus();
    openAll();
    await rowOf(page, 'talks.sh').getByText('passed').waitFor(long);
    await rowOf(page, 'fails.sh').getByText('failed', { exact: true }).waitFor(long);
    await page.locator('h1').getByText('failed').waitFor(long);
    expect(await page.locator('#tests tbody tr').first().textContent()).toContain('fails.sh');
    expect(await page.evaluate('globalThis.wasHere')).toBe(true);
    expect(await page.evaluate('document.activeElement.id')).toBe('q');
    expect(await page.locator('#q').inputValue()).toBe('s');
    await takePicture(page, 'run-ended-light');
    expect(complaints).toEqual([]);
  });

  test('the page of a job that waits says how it failed as soon as it has, without a reload', async () => {
    const { server, rows, jobOf, openAll } = await openLab();
    const { page, complaints } = await openBrowser();
    await signInWith(page, server.url, rows.tokens.read, `/jobs/${jobOf('fails.sh')}`);
    await page
      .locator('h1')
      .getByText(/queued|scheduled/)
      .waitFor(long);
    await page.evaluate('globalThis.wasHere = true');
    openAll();
    await page.locator('h1').getByText('failed').waitFor(long);
    await page.locator('#results').getByText('Expected 45.00').first().waitFor(long);
    expect(await page.evaluate('globalThis.wasHere')).toBe(true);
    expect(complaints).toEqual([]);
  });

  test('a log streams; cut connections lose no line and double none', async () => {
    const { relay, rows, jobOf, open } = await openLab();
    const { page, complaints } = await openBrowser();
    await signInWith(page, relay.url, rows.tokens.read, `/jobs/${jobOf('talks.sh')}`);
    const line = (n: number) => page.locator('.log').getByText(`line-${n}-`, { exact: true });
    await line(300).waitFor(long);
    await page.evaluate('globalThis.wasHere = true');
    relay.close();
    await page.getByText('connecting again').waitFor(long);
    open(0);
    relay.open();
    await line(600).waitFor(long);
    open(1);
    await line(900).waitFor(long);
    relay.close();
    open(2);
    relay.open();
    await line(1200).waitFor(long);
    await page.locator('h1').getByText('passed').waitFor(long);
    const numbers = await numbersOf(page);
    expect(numbers).toEqual(Array.from({ length: 1200 }, (_, n) => n + 1));
    const labels = await page.locator('.log .l a').allTextContents();
    expect(labels).toEqual(labels.map((_, n) => String(n + 1)));
    expect(await page.evaluate('globalThis.wasHere')).toBe(true);
    expect(complaints).toEqual([]);
  });
});

const looks = [
  ['light', { scheme: 'light' }],
  ['phone-dark', { scheme: 'dark', width: 375 }],
] as const;

describe.skipIf(!chromiumPath)('every page', () => {
  test.each(looks)('can be read and used: %s', { timeout: manyPagesMs }, async (name, look) => {
    const server = await startTestServer({ artifactLimits: { keepFreeBytes: 0 } });
    const rows = await fillDashboard(server);
    const { page, complaints } = await openBrowser(look);
    await page.goto(`${server.url}/ui/sign-in`);
    await expectAccessible(page);
    await takePicture(page, `sign-in-${name}`);
    await signInWith(page, server.url, server.adminToken);
    const pages: Readonly<Record<string, string>> = {
      overview: '',
      runs: '/runs',
      run: `/runs/${rows.red.run_id}`,
      'run-waits': `/runs/${rows.waiting.run_id}`,
      job: `/jobs/${rows.failedJob}`,
      'job-search': `/jobs/${rows.failedJob}?q=checkout`,
      'not-found': '/runs/none',
    };
    for (const [what, path] of Object.entries(pages)) {
      await page.goto(`${server.url}/ui${path}`);
      await takePicture(page, `${what}-${name}`);
      await expectAccessible(page);
      await expectNoSideways(page);
    }
    const isRefused = (text: string) => text.includes('status of 404');
    expect(complaints.filter((text) => !isRefused(text))).toEqual([]);
  });

  test('is reached and used by the keyboard alone, from its top to its end', async () => {
    const server = await startTestServer({ artifactLimits: { keepFreeBytes: 0 } });
    const rows = await fillDashboard(server);
    const { page } = await openBrowser();
    await signInWith(page, server.url, rows.tokens.submit, `/runs/${rows.red.run_id}`);
    await page.goto(`${server.url}/ui/runs/${rows.red.run_id}`);
    const reached: string[] = [];
    for (let n = 0; n < 60; n += 1) {
      await page.keyboard.press('Tab');
      const name = await page.evaluate(
        `(({ id, textContent, ariaLabel, tagName }) => tagName === 'BODY' ? '' : (id || ariaLabel || textContent).trim())(document.activeElement)`,
      );
      reached.push(String(name));
    }
    for (const name of [
      'Skip to content',
      'Devices',
      'Sign out',
      'Retry failed',
      'show',
      'q',
      'tests/checkout.spec.ts',
      'API',
    ])
      expect(reached).toContain(name);
    expect(reached.indexOf('Skip to content')).toBe(0);
    await page.goto(`${server.url}/ui/jobs/${rows.failedJob}`);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('content');
    await page.locator('.log').focus();
    const before = await page.evaluate(`document.querySelector('.log').scrollTop`);
    await page.keyboard.press('End');
    await expect
      .poll(() => page.evaluate(`document.querySelector('.log').scrollTop`), long)
      .toBeGreaterThan(Number(before));
  });

  test('says all it has to say without a script, and its forms work', async () => {
    const server = await startTestServer({ artifactLimits: { keepFreeBytes: 0 } });
    const rows = await fillDashboard(server);
    const { page, complaints } = await openBrowser({ javaScript: false });
    await signInWith(page, server.url, rows.tokens.submit, `/runs/${rows.red.run_id}`);
    await page.getByLabel('Status').selectOption('failed');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('link', { name: 'tests/checkout.spec.ts' }).first().click();
    expect(await page.locator('.log').textContent()).toContain('checkout');
    await page.goto(`${server.url}/ui/runs/${rows.red.run_id}`);
    await page.getByRole('button', { name: 'Retry failed' }).click();
    await page.locator('h1').getByText('queued').waitFor(long);
    expect(await page.getByText('Retry of').count()).toBe(1);
    await page.getByRole('button', { name: 'Cancel run' }).click();
    await page.locator('h1').getByText('cancelled').waitFor(long);
    expect(complaints).toEqual([]);
  });
});
