import { expect, test } from 'vitest';
import { AgentFile } from '../config-shape.ts';
import { connectPhones, hasAdb } from '../test-support/phones.ts';
import { initAgent } from './init-agent.ts';

const read = (text: string) => {
  const { $schema: _schema, ...file } = JSON.parse(text);
  return AgentFile.parse(file);
};

test.skipIf(!hasAdb())('the phones that adb sees are in the settings, which the agent can read', async () => {
  const { phones, env } = await connectPhones(2);
  const made = await initAgent('/nowhere', env);
  const serials = phones.map(({ serial }) => serial).sort();
  expect(made.phones.map(({ serial }) => serial).sort()).toEqual(serials);
  expect(read(made.text).devices).toMatchObject(
    made.phones.map(({ serial }) => ({ driver: 'adb', target: 'device', serial })),
  );
});

test('without adb the devices are simulated', async () => {
  const { text, phones, isSimulated } = await initAgent('/nowhere', { PATH: '/nowhere' });
  expect({ phones, isSimulated }).toEqual({ phones: [], isSimulated: true });
  expect(read(text).devices).toEqual([{ driver: 'simulated', target: 'emulator', count: 2 }]);
});
