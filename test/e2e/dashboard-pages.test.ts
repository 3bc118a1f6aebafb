import type { Page } from '@playwright/test';
import { describe, expect, test, vi } from 'vitest';
import {
  chromiumPath,
  expectAccessible,
  expectNoSideways,
  openBrowser,
  signInWith,
  takePicture,
} from '../support/dashboard-lab.ts';
import { fillDashboard } from '../support/dashboard-rows.ts';
import { startTestServer } from '../support/server.ts';

const long = { timeout: 90_000 };
const dayMs = 86_400_000;

/** What `fillDashboard` has, and beside it devices in every state, a test in quarantine, a webhook and a bound repository. */
async function open() {
  const server = await startTestServer({ artifactLimits: { keepFreeBytes: 0 } });
  const rows = await fillDashboard(server);
  const { world, tokens } = rows;
  const admin = server.as(tokens.admin);
  const [paused, borrowed] = [await world.fleet(), await world.fleet()];
  await world.running();
  await admin.call('patchDevice', { params: { id: paused.deviceId }, body: { paused: true } });
  await server.as(tokens.submit).call('borrowDevice', {
    params: { id: borrowed.deviceId },
    body: { minutes: 40, note: 'a look at <b>sign-in</b>' },
  });
  await admin.call('patchAgent', { params: { id: borrowed.agentId }, body: { drain: true } });
  const events = ['run.finished' as const];
  await admin.call('createWebhook', { body: { url: 'https://ci.example.com/hook', events } });
  await server.client.call('setGithub', { params: { id: 'acme' }, body: [{ repository_owner_id: '4711' }] });
  const test = await vi.waitFor(async () => {
    const { tests } = await admin.call('listTests', { query: { sort: 'name', q: 'receipt' } });
    if (!tests[0]) throw new Error('the ledger is not written yet');
    return tests[0];
  }, long);
  const ends_at = new Date(Date.now() + 9 * dayMs).toISOString();
  const body = { test_id: test.test_id, owner: '@ann', reason: 'the mail comes late', ends_at };
  await admin.call('addQuarantine', { body });
  return { server, rows, tokens, paused, borrowed, test };
}

const looks = [
  ['dark', { scheme: 'dark' }],
  ['phone', { scheme: 'light', width: 375 }],
] as const;

describe.skipIf(!chromiumPath)('the other pages of the dashboard', () => {
  // Many pages, each looked through for what hinders people: longer than other tests on a host that is busy.
  test.each(looks)('can be read and used: %s', { timeout: 400_000 }, async (name, look) => {
    const { server, paused, borrowed, test: flaky } = await open();
    const { page, complaints } = await openBrowser(look);
    await signInWith(page, server.url, server.adminToken);
    const pages: Readonly<Record<string, string>> = {
      devices: '/devices',
      'devices-none': '/devices?status=benched',
      'device-paused': `/devices/${paused.deviceId}`,
      'device-borrowed': `/devices/${borrowed.deviceId}?org=acme`,
      agents: '/agents',
      'dead-letters': '/dead-letters',
      tests: '/tests',
      'tests-by-name': '/tests?sort=name',
      test: `/tests/${flaky.test_id}`,
      settings: '/settings',
      orgs: '/settings/orgs',
      org: '/settings/orgs/acme',
      tokens: '/settings/tokens',
      webhooks: '/settings/webhooks',
      audit: '/audit?org=acme',
    };
    for (const [what, path] of Object.entries(pages)) {
      await page.goto(`${server.url}/ui${path}`);
      await takePicture(page, `${what}-${name}`);
      await expectAccessible(page);
      await expectNoSideways(page);
    }
    expect(complaints).toEqual([]);
  });

  test('devices change on the page as they work, without a reload', async () => {
    const { server, rows } = await open();
    const { world } = rows;
    const fleet = await world.fleet();
    const { page, complaints } = await openBrowser();
    await signInWith(page, server.url, rows.tokens.read, `/devices/${fleet.deviceId}`);
    await page.locator('#now').getByText('idle').waitFor(long);
    await page.getByText('live', { exact: true }).waitFor(long);
    await page.evaluate('globalThis.wasHere = true');
    await world.submit({ target: fleet.target, tests: ['tests/pay.spec.ts'] });
    const lease = await server.as(rows.tokens.agent).call('takeLease', { body: world.poll(fleet) });
    const [job] = lease?.jobs ?? [];
    if (!lease || !job) throw new Error('there is no lease');
    const params = { id: lease.lease_id, job_id: job.job_id };
    await world.of(lease).call('startJob', { params, body: { attempt: 1 } });
    await page.locator('#now').getByText('tests/pay.spec.ts').waitFor(long);
    expect(await page.evaluate('globalThis.wasHere')).toBe(true);
    expect(complaints).toEqual([]);
  });
});

describe.skipIf(!chromiumPath)('without a script', () => {
  const submit = (page: Page, button: string) => page.getByRole('button', { name: button }).first().click();

  test('a device is borrowed and given back, a test tried again, a token made and revoked', async () => {
    const { server, rows, tokens, test: flaky } = await open();
    const fleet = await rows.world.fleet();
    const { page, complaints } = await openBrowser({ javaScript: false });
    await signInWith(page, server.url, tokens.admin, `/devices/${fleet.deviceId}`);
    await page.getByLabel('Note').fill('by hand');
    await submit(page, 'Borrow');
    await page.locator('#now').getByText('borrowed').waitFor(long);
    await submit(page, 'Give it back');
    await page.locator('#now').getByText('idle').waitFor(long);

    await page.goto(`${server.url}/ui/dead-letters`);
    await submit(page, 'This test');
    await page.getByText('tries 1 test again').waitFor(long);

    await page.goto(`${server.url}/ui/tests/${flaky.test_id}`);
    await page.getByLabel('Owner').fill('@bob');
    await submit(page, 'Change it');
    await page.locator('#quarantine').getByText('@bob').waitFor(long);
    await submit(page, 'End it now');
    await page.getByText('Its failures count.').waitFor(long);

    await page.goto(`${server.url}/ui/settings/tokens`);
    await page.getByLabel('Name').fill('for-ci');
    await submit(page, 'Make it');
    const token = (await page.locator('#new-token').textContent()) ?? '';
    expect((await server.ask('listRuns', { token })).status).toBe(200);
    expect(page.url()).not.toContain(token);
    await takePicture(page, 'token-made');
    await page.getByRole('link', { name: 'I have it' }).click();
    await page.getByRole('link', { name: 'Revoke for-ci' }).click();
    await takePicture(page, 'token-revoke');
    await submit(page, 'Revoke it');
    await page.getByText('is revoked').waitFor(long);
    expect((await server.ask('listRuns', { token })).status).toBe(401);
    expect(complaints).toEqual([]);
  });
});
