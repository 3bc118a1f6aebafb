import { expect, test } from 'vitest';
import { checkRegistered } from './check-registered.ts';

const good = {
  agent_id: 'agt_1',
  devices: [{ device_id: 'dev_1', name: 'one' }],
  lease_ttl_ms: 60_000,
  heartbeat_ms: 15_000,
};

test('a registration like those of a server is taken', () => {
  expect(checkRegistered(['one'], good)).toEqual(good);
});

test.each([
  ['nothing', undefined, ' of a registration is none'],
  ['an id that is a path', { ...good, agent_id: '../..' }, 'an agent id "../.."'],
  ['a missing device', { ...good, devices: [] }, 'no id for the device one'],
  ['a device without an id', { ...good, devices: [{ device_id: '', name: 'one' }] }, 'a device id ""'],
  ['no lease time', { ...good, lease_ttl_ms: 0 }, 'a lease time of 0 ms'],
  ['a lease time beyond all timers', { ...good, lease_ttl_ms: 2 ** 40 }, 'a lease time of 1099511627776 ms'],
  ['no heartbeat', { ...good, heartbeat_ms: 0 }, 'a heartbeat every 0 ms, with a lease time of 60000 ms'],
  ['a heartbeat after the lease', { ...good, heartbeat_ms: 60_001 }, 'a heartbeat every 60001 ms'],
  [
    'a lease time that is no number',
    { ...good, lease_ttl_ms: 'x' },
    'lease_ttl_ms of a registration is none',
  ],
])('%s is refused in one line', (_what, answer, why) => {
  expect(() => checkRegistered(['one'], answer)).toThrow(`the server's answer makes no sense: ${why}`);
});
