import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeCache, openStack, type StackOptions } from '../../test-support/stack-devices.ts';
import { StandInBrowserStack } from '../../test-support/stand-in-browserstack.ts';
import type { Device } from '../device.ts';

const day = 24 * 60 * 60_000;

/** Slots of one agent, and an app in a file. */
async function openLab(options: StackOptions = {}) {
  const standIn = await StandInBrowserStack.start();
  const cacheFolder = makeCache();
  const path = join(cacheFolder, 'app.apk');
  writeFileSync(path, 'an app');
  /** The slots after another start of the agent. */
  const start = () => openStack(standIn, { parallel: 2 }, { cacheFolder, ...options });
  const install = (device: Device | undefined) =>
    device?.install?.(
      { path, packageName: undefined },
      { timeoutMs: 10_000, signal: new AbortController().signal },
    );
  const urlOf = (device: Device | undefined) =>
    device?.envFor?.({
      ...{ orgId: 'acme', appVersionId: 'v1', target: 'browserstack', leaseId: 'lse_00000001' },
      ...{ framework: 'command', app: path, hasApp: true },
    });
  return { standIn, path, start, install, urlOf };
}

test('an app is uploaded once, also by two slots at once, and its upload is the install', async () => {
  const { standIn, start, install, urlOf } = await openLab();
  const [first, second] = start();
  const ends = await Promise.all([install(first), install(second)]);
  expect(ends.map((end) => end?.installs).sort()).toEqual([0, 1]);
  expect(standIn.uploads).toBe(1);
  const [url] = standIn.apps.keys();
  expect(urlOf(first)).toMatchObject({ QGJOB_APP_URL: url });
  expect(urlOf(second)).toMatchObject({ QGJOB_APP_URL: url });
  expect(JSON.parse(urlOf(first)?.QGJOB_BROWSERSTACK_CAPABILITIES ?? '')).toMatchObject({
    'appium:app': url,
  });
});

test('another start of the agent finds what an earlier one has uploaded', async () => {
  const { standIn, start, install } = await openLab();
  await install(start()[0]);
  expect(await install(start()[1])).toEqual({ ok: true, installs: 0 });
  expect(standIn.uploads).toBe(1);
});

test('other bytes are another app', async () => {
  const { standIn, path, start, install } = await openLab();
  const [first] = start();
  await install(first);
  writeFileSync(path, 'another app');
  expect(await install(first)).toEqual({ ok: true, installs: 1 });
  expect(standIn.uploads).toBe(2);
});

test('an app is uploaded anew before BrowserStack removes it', async () => {
  let now = Date.now();
  const { standIn, start, install } = await openLab({ clock: () => now });
  const [first] = start();
  await install(first);
  expect(await first?.stillHasApp?.()).toBe(true);
  now += 25 * day;
  expect(await first?.stillHasApp?.()).toBe(false);
  expect(await install(first)).toEqual({ ok: true, installs: 1 });
  expect(standIn.uploads).toBe(2);
});

test('one that BrowserStack does not have any more is forgotten: no test of the lease begins, and it is uploaded anew', async () => {
  const { standIn, start, install } = await openLab();
  const [first, second] = start();
  await install(first);
  await first?.examine?.(true);
  expect(await first?.blame?.({ error: '[BROWSERSTACK_APP_DELETED]' })).toMatchObject({
    class: 'infra_error',
  });
  expect(await first?.examine?.(true)).toMatchObject({
    why: 'BrowserStack does not have the app any more: it is uploaded anew',
  });
  expect(await first?.examine?.(false)).toBeUndefined();
  expect(await first?.stillHasApp?.()).toBe(false);
  expect(await install(second)).toEqual({ ok: true, installs: 1 });
  expect(standIn.uploads).toBe(2);
});

test('a file that BrowserStack does not take as an app is the fault of the build', async () => {
  const { standIn, start, install } = await openLab();
  standIn.trouble = 'no app';
  expect(await install(start()[0])).toMatchObject({
    class: 'build_error',
    why: 'the upload to BrowserStack failed: BrowserStack refuses the request (HTTP 422): it is no app',
  });
});

test('an upload that fails says why, and is tried again by the next lease', async () => {
  const { standIn, start, install } = await openLab();
  const [first] = start();
  standIn.trouble = 'rate';
  expect(await install(first)).toEqual({
    ok: false,
    installs: 1,
    class: 'capacity',
    why: 'the upload to BrowserStack failed: BrowserStack wants fewer requests (429)',
  });
  standIn.trouble = undefined;
  expect(await install(first)).toEqual({ ok: true, installs: 1 });
});
