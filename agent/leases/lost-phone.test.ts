import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeApk } from '../../client/test-support/app-files.ts';
import type { Lease } from '../../protocol/shapes/agent.ts';
import type { RegisterAgent } from '../../protocol/shapes/registration.ts';
import type { FakePhone } from '../test-support/fake-phone.ts';
import { untilFile } from '../test-support/host.ts';
import { appOf, leaseOf } from '../test-support/leases.ts';
import { connectPhones, hasAdb } from '../test-support/phones.ts';
import { startTestAgent } from '../test-support/start-agent.ts';

const withAdb = test.skipIf(!hasAdb());

const files = {
  'fails.sh': 'echo begun > begun; until [ -e go ]; do sleep 0.02; done; exit 1',
  'passes.sh': 'exit 0',
};

/** A real agent with the host's real adb, one phone, and leases of one build. */
async function startRack(examineLimitMs = 5000) {
  const { phones, env } = await connectPhones(1);
  const [phone] = phones as [FakePhone];
  const build = await makeApk();
  const started = await startTestAgent({
    files,
    host: env,
    settings: { devices: [{ driver: 'adb', target: 'device', serial: phone.serial, name: 'pixel' }] },
    timing: { examineMs: 100, examineLimitMs },
    prepare: (server) => {
      server.app = build;
    },
  });
  const { server } = started;
  const app = appOf(build);
  const grant = (more: Partial<Lease>): void => server.grant(leaseOf(['passes.sh'], { app, ...more }));
  const isWell = (): boolean => {
    const last = server.callsOf('registerAgent').at(-1)?.body as RegisterAgent | undefined;
    return last?.devices[0]?.fault === undefined;
  };
  return { ...started, phone, grant, isWell };
}

withAdb(
  'a lease whose install is lost with the phone is given back, whoever asked for the install',
  async () => {
    const { server, phone, grant, isWell } = await startRack();
    for (const [index, install] of [true, false].entries()) {
      phone.flees = true;
      grant({ install, app_version_id: `v${index}` });
      await server.until(() => server.callsOf('releaseLease').length === index + 1);
      phone.flees = false;
      await server.until(() => !isWell());
      await phone.plug();
      await server.until(isWell);
    }
    expect(server.story).toEqual(expect.not.arrayContaining(['finishJob', 'reportInstalled']));
    grant({ install: true });
    expect(await server.verdict('job_passes_sh')).toMatchObject({ verdict: 'passed' });
  },
);

withAdb('a build that takes the phone away twice in a row is not given back for ever', async () => {
  const { server, phone, grant, isWell } = await startRack();
  phone.flees = true;
  grant({ install: true });
  await server.until(() => server.callsOf('releaseLease').length === 1);
  await server.until(() => !isWell());
  await phone.plug();
  await server.until(isWell);
  grant({ install: true });
  await server.until(() => server.callsOf('reportInstalled').length === 1);
  expect(server.callsOf('reportInstalled')[0]?.body).toMatchObject({
    ok: false,
    error_class: 'infra_error',
    error: expect.stringMatching(/^twice in a row the device was lost while this app was installed on it: /),
  });
});

withAdb('an install that nobody asked for keeps its class: a broken build ends as one', async () => {
  const { server, phone, grant } = await startRack();
  phone.installFailures.push('INSTALL_PARSE_FAILED_NO_CERTIFICATES');
  grant({ install: false });
  expect(await server.verdict('job_passes_sh')).toMatchObject({
    verdict: 'error',
    error_class: 'build_error',
    error: expect.stringContaining('INSTALL_PARSE_FAILED_NO_CERTIFICATES'),
    installs: 1,
  });
});

withAdb('a test that failed on a phone that has just begun to hang has no verdict', async () => {
  const { server, root, phone } = await startRack(1000);
  server.grant(leaseOf(['fails.sh']));
  await untilFile(join(root, 'begun'));
  phone.isHanging = true;
  writeFileSync(join(root, 'go'), '');
  expect(await server.verdict('job_fails_sh')).toMatchObject({
    error_class: 'infra_error',
    error: expect.stringMatching(/^pixel: it does not answer/),
  });
});
