import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connectPhones, hasAdb } from '../../agent/test-support/phones.ts';
import { makeApk } from '../../client/test-support/app-files.ts';
import { makeFolder, runCli, startCli } from '../support/processes.ts';

const withAdb = test.skipIf(!hasAdb());
const names = Array.from({ length: 12 }, (_, n) => `t${n}.sh`);

/** A server, and an agent with the host's real adb and two phones; and the folder of somebody who submits. */
async function startPhoneLab(tests: Readonly<Record<string, string>> = {}) {
  const { phones, env } = await connectPhones(2);
  const devices = phones.map(({ serial }, n) => ({
    driver: 'adb',
    target: 'device',
    serial,
    name: `phone-${n}`,
  }));
  const frameworks = { default: 'command', command: { test: ['sh', '{test}'] } };
  const cwd = makeFolder({ 'qgjob.agent.json': JSON.stringify({ name: 'rack', devices, frameworks }) });
  const server = startCli(['server', '--port=0'], { cwd });
  await server.sees(/^qgjob server listening on http:\S+$/m);
  const agent = startCli(['agent'], { cwd, env });
  await agent.sees(/agent rack serves phone-0, phone-1/);
  const fine = names.map((name) => [name, 'echo "on $ANDROID_SERIAL with $QGJOB_APP"'] as const);
  const folder = makeFolder({ ...Object.fromEntries(fine), ...tests });
  writeFileSync(join(folder, 'shop.apk'), await makeApk());
  const qgjob = (...args: string[]) =>
    runCli([...args, `--data-dir=${join(cwd, '.qgjob')}`], { cwd: folder, env: { HOME: cwd } });
  const submit = () =>
    qgjob(
      ...['submit', '--org-id=acme', '--app-version-id=v1', '--app=shop.apk', '--target=device'],
      ...['--test=*.sh', '--wait', '--json'],
    );
  return { phones, qgjob, submit };
}

const isInstall = (line: string): boolean => line.startsWith('installed');

withAdb('12 tests of one app version on two phones are two installs, by the log of the phones', async () => {
  const { phones, submit, qgjob } = await startPhoneLab();
  const { code, stdout, stderr } = await submit();
  expect(code, stderr).toBe(0);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.at(-1)).toMatchObject({ conclusion: 'success', installs: 2, installs_saved: 10 });
  expect(phones.map(({ log }) => log.filter(isInstall).length)).toEqual([1, 1]);

  const devices = JSON.parse((await qgjob('devices', '--json')).stdout);
  expect(devices).toMatchObject(
    ['phone-0', 'phone-1'].map((name) => ({
      name,
      target: 'device',
      status: 'idle',
      installed: { org_id: 'acme', app_version_id: 'v1' },
    })),
  );
});

withAdb('with a failing test they are still two', async () => {
  const { phones, submit } = await startPhoneLab({ 't5.sh': 'exit 1' });
  expect((await submit()).code).toBe(1);
  expect(phones.map(({ log }) => log.filter(isInstall).length)).toEqual([1, 1]);
});

withAdb('a build that no phone takes ends the jobs of its version, each with the reason', async () => {
  const { phones, submit } = await startPhoneLab();
  for (const { installFailures } of phones)
    installFailures.push('INSTALL_PARSE_FAILED_NO_CERTIFICATES', 'INSTALL_PARSE_FAILED_NO_CERTIFICATES');
  const { code, stdout } = await submit();
  expect(code).toBe(1);
  const jobs = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter((line) => line.job_id);
  expect(jobs).toHaveLength(12);
  for (const job of jobs) {
    expect(job).toMatchObject({ status: 'errored', outcome: 'build_error' });
    expect(job.error).toContain('INSTALL_PARSE_FAILED_NO_CERTIFICATES');
  }
});

withAdb('a phone that is not well leaves its tests to the other one, and the list says why', async () => {
  const { phones, submit, qgjob } = await startPhoneLab();
  const [flat, well] = phones;
  if (flat) flat.battery = 4;
  await expect
    .poll(async () => (await qgjob('devices')).stdout, { timeout: 30_000, interval: 200 })
    .toMatch(/phone-0 +rack +device +benched +its battery is at 4 % \(15 % needed\)/);
  expect((await submit()).code).toBe(0);
  expect([flat, well].map((phone) => phone?.log.filter(isInstall).length)).toEqual([0, 1]);
});
