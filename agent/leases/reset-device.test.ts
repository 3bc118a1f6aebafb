import { basename } from 'node:path';
import { expect, test } from 'vitest';
import type { FinishJob, Lease } from '../../protocol/shapes/agent.ts';
import type { RegisterAgent } from '../../protocol/shapes/registration.ts';
import type { Device } from '../devices/device.ts';
import { appOf, leaseOf } from '../test-support/leases.ts';
import { startTestAgent } from '../test-support/start-agent.ts';
import type { Timing } from '../timing.ts';

const app = Buffer.from('the build');
const appLease = (more: Partial<Lease> = {}): Lease =>
  leaseOf(['a.sh'], {
    app: appOf(app),
    ...more,
  });

interface Holder {
  readonly device: Device;
  has: boolean;
  readonly log: string[];
}

/** A device that notes what it is told to do. */
function holder(reset = async () => undefined, more: Partial<Device> = {}): Holder {
  const made: Holder = {
    has: false,
    log: [],
    device: {
      offer: { name: 'holder', target: 'emulator', labels: {} },
      env: {},
      install: async () => {
        made.has = true;
        made.log.push('install');
        return { ok: true, installs: 1 };
      },
      stillHasApp: async () => made.has,
      noteApp: async ({ path }) => void made.log.push(`note ${basename(path)}`),
      reset: async ({ orgId, all }) => {
        made.log.push(`reset for ${orgId}${all ? ', all' : ''}`);
        await reset();
      },
      ...more,
    },
  };
  return made;
}

const start = (device: Device, frameworks?: object, timing?: Partial<Timing>) =>
  startTestAgent({
    ...(timing && { timing }),
    ...(frameworks && { frameworks }),
    files: { 'a.sh': 'exit 0' },
    devices: [device],
    prepare: (server) => {
      server.app = app;
    },
  });

test('an app that is still there is not installed again; one that a test removed is, and that is counted', async () => {
  const held = holder();
  const { server } = await start(held.device);
  const leases = [appLease({ install: true }), appLease(), appLease()];
  const installs: unknown[] = [];
  for (const [index, lease] of leases.entries()) {
    if (index === 2) held.has = false;
    server.grant(lease);
    await server.until(() => server.callsOf('finishJob').length === index + 1);
    installs.push(server.callsOf('finishJob')[index]?.body);
  }
  expect(held.log.filter((line) => line === 'install')).toHaveLength(2);
  expect(installs).toMatchObject([{ verdict: 'passed' }, { verdict: 'passed' }, { installs: 1 }]);
  expect(installs[1]).not.toHaveProperty('installs');
});

test('after a person had the device everything on it is removed, and the app that the agent knew to be there installed anew', async () => {
  const held = holder();
  const { server } = await start(held.device);
  for (const [index, lease] of [
    appLease({ install: true }),
    appLease({ install: true, clean: true }),
  ].entries()) {
    server.grant(lease);
    await server.until(() => server.callsOf('finishJob').length === index + 1);
  }
  expect(held.log).toEqual(['reset for acme', 'install', 'reset for acme, all', 'install']);
});

test('one that a command has installed is put back too, where the device had seen it', async () => {
  let isThere = true;
  const held = holder(undefined, { hasApp: async () => isThere });
  const { server } = await start(held.device, {
    default: 'command',
    command: { test: ['sh', '{test}'], install: ['true'] },
  });
  const installs: unknown[] = [];
  for (const lease of [appLease({ install: true }), appLease(), appLease(), appLease()]) {
    if (installs.length === 2) isThere = false;
    server.grant(lease);
    await server.until(() => server.callsOf('finishJob').length === installs.length + 1);
    installs.push((server.callsOf('finishJob').at(-1)?.body as FinishJob | undefined)?.installs);
  }
  // What it did not see after an install may be another app than the registered one.
  expect(installs).toEqual([undefined, undefined, 1, undefined]);
});

test('a device is told whose lease is next before anything is installed; where it cannot clear up, no test runs there', async () => {
  const held = holder(() => Promise.reject(new Error('it does not answer')));
  const { server } = await start(held.device);
  server.grant(appLease({ install: true, org_id: 'globex' }));
  expect(await server.verdict('job_a_sh')).toMatchObject({
    error_class: 'infra_error',
    error: 'holder: apps of other orgs are still on it: it does not answer',
  });
  expect(held.log).toEqual(['reset for globex']);
});

test('an app that a command installs is told to the device before, to be removed before a lease of another org', async () => {
  const held = holder();
  const { server } = await start(held.device, {
    default: 'command',
    command: { test: ['sh', '{test}'], install: ['true'] },
  });
  server.grant(appLease({ install: true }));
  expect(await server.verdict('job_a_sh')).toMatchObject({ verdict: 'passed' });
  expect(held.log).toEqual([expect.stringMatching(/^reset for /), 'note app.apk']);
});

test('where it was gone meanwhile, its lease is given back; twice in a row it is tried elsewhere', async () => {
  let isGone = false;
  const vanish = async (): Promise<never> => {
    isGone = true;
    throw new Error('device not found');
  };
  const held = holder(vanish, {
    examine: async () => (isGone ? { why: 'adb does not see it', breaksTests: true } : undefined),
  });
  const { server } = await start(held.device, undefined, { examineMs: 20 });
  const offers = () => server.callsOf('registerAgent').map(({ body }) => (body as RegisterAgent).devices[0]);
  server.grant(appLease({ install: true }));
  await server.until(() => server.callsOf('releaseLease').length === 1);
  expect(server.callsOf('finishJob')).toEqual([]);
  await server.until(() => offers().at(-1)?.fault !== undefined);
  isGone = false;
  await server.until(() => offers().at(-1)?.fault === undefined);
  server.grant(appLease({ install: true }));
  expect(await server.verdict('job_a_sh')).toMatchObject({
    error_class: 'infra_error',
    error:
      'holder: apps of other orgs are still on it: device not found; twice in a row it was lost meanwhile: adb does not see it',
  });
});
