import { expect, test } from 'vitest';
import { QgjobError } from '../../protocol/errors.ts';
import { openSlot } from '../devices/device.ts';
import { openDevices } from '../devices/open-devices.ts';
import { hostIn } from '../test-support/device-host.ts';
import { FakeServer } from '../test-support/fake-server.ts';
import { makeWorkspace } from '../test-support/host.ts';
import { prepareAgent, startTestAgent } from '../test-support/start-agent.ts';
import { Registration, register } from './register.ts';

test('an agent registers its name, its start and its devices, and says what it serves', async () => {
  const { server, agent, lines, stop } = await startTestAgent({ count: 2 });
  await server.until(() => server.callsOf('takeLease').length === 2);
  expect(server.callsOf('registerAgent').map((call) => call.body)).toEqual([
    {
      name: 'rack-1',
      boot_id: agent.bootId,
      version: '0.0.0',
      devices: [1, 2].map((number) => ({
        name: `simulated-emulator-${number}`,
        target: 'emulator',
        platform: 'simulated',
        labels: { driver: 'simulated' },
      })),
    },
  ]);
  expect(lines[0]).toMatch(/^agent rack-1 serves simulated-emulator-1, simulated-emulator-2 from \//);
  expect(await stop()).toBe(0);
});

test('a server that is away is waited for, said once, and said again when it is back', async () => {
  const { server, lines } = await startTestAgent({
    prepare: (fake) => fake.refuse('registerAgent', 'unavailable', { times: 3 }),
  });
  await server.until(() => server.callsOf('takeLease').length === 1);
  expect(server.callsOf('registerAgent')).toHaveLength(4);
  expect(lines.slice(0, 2)).toEqual(['unavailable (trying again)', 'the server answers again']);
});

const refusals = [
  ['unauthorized', 3],
  ['forbidden', 3],
  ['invalid', 2],
  ['conflict', 3],
] as const;
test.each(refusals)('a registration that is %s ends the agent with exit %i', async (code, exitCode) => {
  const { server, lines, done } = await startTestAgent({
    prepare: (fake) => fake.refuse('registerAgent', code),
  });
  expect(await done).toBe(exitCode);
  expect(server.calls).toHaveLength(1);
  expect(lines).toEqual([`the server refuses this agent: ${code}`]);
});

test('an agent that is stopped before a server is found ends', async () => {
  const { server, stop } = await startTestAgent({
    prepare: (fake) => void fake.hold('registerAgent'),
  });
  await server.until(() => server.calls.length === 1);
  expect(await stop()).toBe(0);
});

test('all loops that find themselves unknown share one registration', async () => {
  const server = await FakeServer.start();
  const agent = await prepareAgent(server, makeWorkspace());
  const devices = openDevices(agent.config.devices, hostIn(agent.config.dataDir)).map(openSlot);
  const registration = new Registration(agent, devices, await register(agent, devices));
  const unknown = new QgjobError('not_found', 'no agent agt_1');
  await Promise.all([registration.renewIfUnknown(unknown), registration.renewIfUnknown(unknown)]);
  expect(server.callsOf('registerAgent')).toHaveLength(2);
  await registration.renewIfUnknown(new QgjobError('unavailable', 'away'));
  expect(server.callsOf('registerAgent')).toHaveLength(2);
  await server.close();
});

test('a registration that fails again leaves the old session', async () => {
  const server = await FakeServer.start();
  const agent = await prepareAgent(server, makeWorkspace());
  const devices = openDevices(agent.config.devices, hostIn(agent.config.dataDir)).map(openSlot);
  const session = await register(agent, devices);
  const registration = new Registration(agent, devices, session);
  server.refuse('registerAgent', 'unavailable');
  await registration.renewIfUnknown(new QgjobError('not_found', 'no agent agt_1'));
  expect(registration.session).toBe(session);
  await server.close();
});
