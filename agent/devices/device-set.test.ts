import { expect, test } from 'vitest';
import type { RegisterAgent } from '../../protocol/shapes/registration.ts';
import { leaseOf } from '../test-support/leases.ts';
import { connectPhones, hasAdb } from '../test-support/phones.ts';
import { startTestAgent } from '../test-support/start-agent.ts';

const withAdb = test.skipIf(!hasAdb());

withAdb(
  'a set of two phones is one device, whose test finds both; it is not well when one of them is not',
  async () => {
    const { phones, env } = await connectPhones(2);
    const [caller, callee] = phones;
    const members = phones.map(({ serial }, index) => ({ driver: 'adb', serial, name: `phone-${index}` }));
    const { server } = await startTestAgent({
      files: { 'both.sh': 'echo "$QGJOB_DEVICES"' },
      host: env,
      settings: { devices: [{ driver: 'set', target: 'device/pair', devices: members }] },
      timing: { examineMs: 100 },
    });
    server.grant(leaseOf(['both.sh'], { target: 'device/pair' }));
    expect(await server.verdict('job_both_sh')).toMatchObject({ verdict: 'passed' });
    const [line = ''] = /^\[.*\]$/m.exec(server.logOf('job_both_sh')) ?? [];
    expect(JSON.parse(line)).toMatchObject([
      { name: 'phone-0', platform: 'android', udid: caller?.serial },
      { name: 'phone-1', platform: 'android', udid: callee?.serial, env: { ANDROID_SERIAL: callee?.serial } },
    ]);
    const offered = () =>
      (server.callsOf('registerAgent').at(-1)?.body as RegisterAgent | undefined)?.devices;
    expect(offered()).toMatchObject([{ name: 'set-device-pair-1', target: 'device/pair' }]);
    if (callee) callee.battery = 2;
    await server.until(() => JSON.stringify(offered()).includes('phone-1: its battery is at 2 %'));
  },
);

test('members of a set have no target of their own, and there are two at least', async () => {
  const start = (devices: unknown) =>
    startTestAgent({ settings: { devices: [{ driver: 'set', target: 'device/pair', devices }] } });
  await expect(start([{ driver: 'simulated' }])).rejects.toThrow('a set has at least two devices');
  await expect(start([{ driver: 'simulated', target: 'device' }, { driver: 'simulated' }])).rejects.toThrow(
    /target/,
  );
});
