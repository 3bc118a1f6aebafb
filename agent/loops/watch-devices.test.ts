import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { RegisterAgent } from '../../protocol/shapes/registration.ts';
import type { FakePhone } from '../test-support/fake-phone.ts';
import type { FakeServer } from '../test-support/fake-server.ts';
import { untilFile } from '../test-support/host.ts';
import { leaseOf } from '../test-support/leases.ts';
import { connectPhones, hasAdb } from '../test-support/phones.ts';
import { startTestAgent, type TestAgent } from '../test-support/start-agent.ts';

const files = {
  'waits.sh': 'echo "on $ANDROID_SERIAL" > begun; until [ -e go ]; do sleep 0.02; done',
  'fails.sh': 'echo begun > begun; until [ -e go ]; do sleep 0.02; done; exit 1',
  'passes.sh': 'exit 0',
};

const withAdb = test.skipIf(!hasAdb());

/** A real agent with the host's real adb and one phone. */
async function startRack(): Promise<TestAgent & { readonly phone: FakePhone }> {
  const { phones, env } = await connectPhones(1);
  const [phone] = phones as [FakePhone];
  const started = await startTestAgent({
    files,
    host: env,
    settings: { devices: [{ driver: 'adb', target: 'device', serial: phone.serial, name: 'pixel' }] },
    timing: { examineMs: 100, examineLimitMs: 2000 },
  });
  return { ...started, phone };
}

/** What the agent said last about its phone. */
const lastFault = (server: FakeServer): string | undefined =>
  (server.callsOf('registerAgent').at(-1)?.body as RegisterAgent | undefined)?.devices[0]?.fault;

withAdb(
  'a phone that is unplugged in the middle of a test is benched, and the test is tried again elsewhere',
  async () => {
    const { server, root, phone, lines } = await startRack();
    server.grant(leaseOf(['waits.sh', 'passes.sh']));
    await untilFile(join(root, 'begun'));
    await phone.unplug();
    expect(await server.verdict('job_waits_sh')).toMatchObject({
      verdict: 'error',
      error_class: 'infra_error',
      error: expect.stringMatching(/^pixel: /),
    });
    await server.until(() => lastFault(server) !== undefined);
    expect(lines.join('\n')).toMatch(/pixel {2}benched: /);
    // The rest of the lease is given back.
    await server.until(() => server.callsOf('releaseLease').length === 1);
    expect(server.verdictOf('job_passes_sh')).toBeUndefined();

    await phone.plug();
    await server.until(() => lastFault(server) === undefined);
    server.grant(leaseOf(['passes.sh']));
    expect(await server.verdict('job_passes_sh')).toMatchObject({ verdict: 'passed' });
  },
);

withAdb('a test that fails on a phone that was gone meanwhile has no verdict', async () => {
  const { server, root, phone } = await startRack();
  server.grant(leaseOf(['fails.sh']));
  await untilFile(join(root, 'begun'));
  phone.dialog = 'Application Error: com.android.systemui';
  writeFileSync(join(root, 'go'), '');
  expect(await server.verdict('job_fails_sh')).toMatchObject({
    error_class: 'infra_error',
    error: expect.stringMatching(/^pixel: a dialog is in the way: Application Error/),
  });
});

withAdb('a test that fails on a phone that is well has failed', async () => {
  const { server, root } = await startRack();
  writeFileSync(join(root, 'go'), '');
  server.grant(leaseOf(['fails.sh']));
  expect(await server.verdict('job_fails_sh')).toMatchObject({ verdict: 'failed' });
  expect(lastFault(server)).toBeUndefined();
});

withAdb('a flat phone lets its test end, and asks for no more until it is charged', async () => {
  const { server, root, phone } = await startRack();
  server.grant(leaseOf(['waits.sh']));
  await untilFile(join(root, 'begun'));
  phone.battery = 3;
  await server.until(() => lastFault(server) === 'its battery is at 3 % (15 % needed)');
  writeFileSync(join(root, 'go'), '');
  expect(await server.verdict('job_waits_sh')).toMatchObject({ verdict: 'passed' });
  const { looks } = phone;
  await vi.waitFor(() => expect(phone.looks).toBeGreaterThan(looks + 3), { timeout: 30_000 });
  expect(server.callsOf('takeLease')).toHaveLength(1);
  phone.battery = 90;
  server.grant(leaseOf(['passes.sh']));
  expect(await server.verdict('job_passes_sh')).toMatchObject({ verdict: 'passed' });
});

withAdb(
  'an app under test that has crashed fails its test, and its dialog is closed for the next one',
  async () => {
    const { server, root, phone } = await startRack();
    server.grant(leaseOf(['fails.sh']));
    await untilFile(join(root, 'begun'));
    phone.dialog = 'Application Error: com.example.shop';
    await server.until(() => lastFault(server) === 'a dialog is in the way: Application Error');
    writeFileSync(join(root, 'go'), '');
    expect(await server.verdict('job_fails_sh')).toMatchObject({ verdict: 'failed' });
    await server.until(() => lastFault(server) === undefined);
    expect(phone.dialog).toBeUndefined();
  },
);

withAdb('a fault that was found because a test failed is told to the server too', async () => {
  const { server, root, phone, agent } = await startRack();
  server.grant(leaseOf(['fails.sh']));
  await untilFile(join(root, 'begun'));
  await phone.unplug();
  writeFileSync(join(root, 'go'), '');
  expect(await server.verdict('job_fails_sh')).toMatchObject({ error_class: 'infra_error' });
  await server.until(() => lastFault(server) !== undefined);
  expect(agent.stop.drain.aborted).toBe(false);
});
