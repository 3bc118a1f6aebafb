import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { readAccess } from '../devices/browserstack/access.ts';
import { browserstackDriver } from '../devices/browserstack/browserstack-driver.ts';
import { StackEntry } from '../devices/browserstack/entry.ts';
import type { Device } from '../devices/device.ts';
import { hostIn } from './device-host.ts';
import type { StandInBrowserStack } from './stand-in-browserstack.ts';

export const pixel = {
  driver: 'browserstack',
  target: 'browserstack',
  device: 'Google Pixel 8',
  os_version: '14.0',
} as const;

/** A folder that is removed after the test. */
export function makeCache(): string {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-stack-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface StackOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cacheFolder?: string;
  readonly clock?: () => number;
}

/** Slots at a stand-in, with short pauses. */
export function openStack(
  standIn: StandInBrowserStack,
  entry: Readonly<Record<string, unknown>> = {},
  { env = standIn.env, cacheFolder = makeCache(), clock = Date.now }: StackOptions = {},
): Device[] {
  const host = hostIn(cacheFolder, { clock, browserstack: { ...readAccess(env), cacheFolder } });
  const patience = { endMs: 20_000, findMs: [10, 10], pausesMs: [10] };
  let number = 0;
  return browserstackDriver(host, patience).open(StackEntry.parse({ ...pixel, ...entry }), () => ++number);
}

/**
 * A test file that opens a session at the hub by WebDriver, as its variables say, then does `then`, in which `call` sends a
 * command to the session.
 */
export const hubTest = (then = ''): string => `
const { env } = process;
const authorization = 'Basic ' + btoa(env.BROWSERSTACK_USERNAME + ':' + env.BROWSERSTACK_ACCESS_KEY);
const send = async (method, path, body) => {
  const response = await fetch(env.QGJOB_BROWSERSTACK_HUB + path, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const { value } = await response.json();
  if (value?.error) throw new Error(value.error + ': ' + value.message);
  return value;
};
const alwaysMatch = JSON.parse(env.QGJOB_BROWSERSTACK_CAPABILITIES);
const { sessionId } = await send('POST', '/session', { capabilities: { alwaysMatch } });
const call = (method, path) => send(method, '/session/' + sessionId + path);
try {
  console.log(await call('GET', '/source'));
  ${then}
} finally {
  await call('DELETE', '');
}
`;
