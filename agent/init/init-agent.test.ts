import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { AgentFile } from '../config-shape.ts';
import { connectPhones, hasAdb } from '../test-support/phones.ts';
import { initAgent } from './init-agent.ts';

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-init-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test.skipIf(!hasAdb())('the phones that adb sees are in the settings, which the agent can read', async () => {
  const { phones, env } = await connectPhones(2);
  const folder = newFolder();
  const made = await initAgent({ folder }, env);
  const serials = phones.map(({ serial }) => serial).sort();
  expect(made.phones.map(({ serial }) => serial).sort()).toEqual(serials);
  const { $schema: _schema, ...file } = JSON.parse(readFileSync(join(folder, 'qgjob.agent.json'), 'utf8'));
  expect(AgentFile.parse(file).devices).toMatchObject(
    made.phones.map(({ serial }) => ({ driver: 'adb', target: 'device', serial })),
  );
});

test('without adb the devices are simulated', async () => {
  const folder = newFolder();
  const { text, phones } = await initAgent({ folder }, { PATH: '/nowhere' });
  expect(phones).toEqual([]);
  expect(AgentFile.parse(JSON.parse(text)).devices).toEqual([
    { driver: 'simulated', target: 'emulator', count: 2 },
  ]);
});

test('settings that are there are never overwritten, and a dry run writes nothing', async () => {
  const folder = newFolder();
  const path = join(folder, 'qgjob.agent.json');
  await initAgent({ folder, dryRun: true }, { PATH: '/nowhere' });
  expect(existsSync(path)).toBe(false);
  const { text } = await initAgent({ folder }, { PATH: '/nowhere' });
  await expect(initAgent({ folder }, { PATH: '/nowhere' })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('is there already and stays as it is'),
  });
  expect(readFileSync(path, 'utf8')).toBe(text);
});
