import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileOf, makeApk, makeIpa } from '../../client/test-support/app-files.ts';
import { makeFolder, runCli, startCli } from '../support/processes.ts';

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The device has the app whose bytes are these: the install puts the file there, a test compares. */
const settings = {
  name: 'rack',
  devices: [{ driver: 'simulated', target: 'emulator', count: 2 }],
  frameworks: {
    default: 'command',
    command: {
      install: ['sh', '-c', 'cp "$0" "$QGJOB_DEVICE_DIR/app"', '{app}'],
      test: ['sh', '{test}', '{app}'],
    },
  },
};

/** A server and an agent, and a folder of somebody who submits. */
async function startAppLab() {
  const cwd = makeFolder({ 'qgjob.agent.json': JSON.stringify(settings) });
  const server = startCli(['server', '--port=0'], { cwd });
  await server.sees(/^qgjob server listening on http:\S+$/m);
  const agent = startCli(['agent'], { cwd });
  await agent.sees(/agent rack serves/);
  const folder = makeFolder({
    'a.sh': 'cmp "$1" "$QGJOB_DEVICE_DIR/app" && echo "tested $1"',
    'b.sh': 'cmp "$QGJOB_APP" "$QGJOB_DEVICE_DIR/app"',
  });
  const words = ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, ...words, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'all');
  const qgjob = (...args: string[]) =>
    runCli([...args, `--data-dir=${join(cwd, '.qgjob')}`], { cwd: folder, env: { HOME: cwd } });
  return { folder, agent, qgjob, commit: git('rev-parse', 'HEAD') };
}

test('a build is uploaded once, and the tests of its run meet it on their devices', async () => {
  const { folder, agent, qgjob, commit } = await startAppLab();
  const apk = await makeApk();
  writeFileSync(join(folder, 'shop.apk'), apk);
  const version = `${commit}-${hashOf(apk).slice(0, 12)}`;

  const submit = ['submit', '--org-id=acme', '--app=shop.apk', '--test=a.sh,b.sh', '--wait'];
  const first = await qgjob(...submit);
  expect(first, first.stderr).toMatchObject({ code: 0 });
  expect(first.stderr).toContain(`app ${version}: APK of com.example.shop 1.4.2 (42), 1 KiB\n`);
  const again = await qgjob(...submit);
  expect(again, again.stderr).toMatchObject({ code: 0 });
  expect(again.stderr).toContain(
    `app ${version}: APK of com.example.shop 1.4.2 (42), 1 KiB, uploaded before\n`,
  );
  const { stdout, stderr } = await agent.stop();
  expect(`${stdout}${stderr}`.match(/ was fetched: /g)).toHaveLength(1);

  const shown = await qgjob('apps', 'show', version, '--org-id=acme', '--json');
  expect(JSON.parse(shown.stdout)).toMatchObject({
    ...{ app_version_id: version, platform: 'android', package_name: 'com.example.shop' },
    ...{ size: apk.length, sha256: hashOf(apk) },
  });
});

test('builds are uploaded, listed and shown by themselves', async () => {
  const { qgjob } = await startAppLab();
  const [apk, ipa] = [fileOf(await makeApk()), fileOf(await makeIpa(), 'shop.ipa')];
  const org = '--org-id=acme';
  expect(await qgjob('apps', 'upload', apk, '--app-version-id=v1', org)).toMatchObject({
    code: 0,
    stdout: 'v1\n',
    stderr: 'app v1: APK of com.example.shop 1.4.2 (42), 1 KiB\n',
  });
  const uploaded = await qgjob('apps', 'upload', ipa, '--app-version-id=v2', org, '--json');
  expect(JSON.parse(uploaded.stdout)).toMatchObject({ app_version_id: 'v2', platform: 'ios' });

  const listed = await qgjob('apps', 'list', org);
  expect(listed.stdout.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^APP VERSION +PLATFORM +PACKAGE +SIZE +REGISTERED$/),
    expect.stringMatching(/^v2 +ios +com\.example\.shop +1 KiB +\d{4}-\d\d-\d\d \d\d:\d\d UTC$/),
    expect.stringMatching(/^v1 +android +com\.example\.shop +1 KiB +/),
  ]);
  expect(JSON.parse((await qgjob('apps', org, '--limit=1', '--json')).stdout)).toMatchObject([
    { app_version_id: 'v2' },
  ]);
  expect((await qgjob('apps', 'show', 'v1', org)).stdout).toMatch(/^file +1 KiB \(\d+ bytes\)$/m);

  const other = fileOf(await makeApk({ versionName: '2' }));
  expect(await qgjob('apps', 'upload', other, '--app-version-id=v1', org)).toMatchObject({
    code: 3,
    stdout: '',
    stderr: expect.stringMatching(/^qgjob: app version v1 is another file, with the sha256 [0-9a-f]{64}: /),
  });
  expect(await qgjob('apps', 'show', 'v3', org)).toMatchObject({ code: 3, stdout: '' });
});

test('what is no app is refused before anything is sent', async () => {
  const { folder, qgjob } = await startAppLab();
  writeFileSync(join(folder, 'shop.apk'), 'not an app');
  for (const command of [
    ['submit', '--app=shop.apk', '--test=a.sh'],
    ['apps', 'upload', 'shop.apk'],
  ])
    expect(await qgjob(...command, '--org-id=acme')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^qgjob: shop\.apk is no whole APK, AAB or IPA: [^\n]+\n$/),
    });
  expect(await qgjob('apps', 'upload', 'away.apk', '--org-id=acme')).toMatchObject({
    code: 2,
    stderr: 'qgjob: away.apk cannot be read: there is no such file\n',
  });
  expect(await qgjob('apps', 'list', '--org-id=acme')).toMatchObject({
    stdout: '',
    stderr: 'no app versions\n',
  });
});

test('a dry run names the version that a build would be, and needs no server', async () => {
  const folder = makeFolder({ 'a.sh': '' });
  writeFileSync(join(folder, 'shop.apk'), await makeApk());
  const ended = await runCli(
    ['submit', '--app=shop.apk', '--app-version-id=v7', '--test=a.sh', '--dry-run', '--json'],
    { cwd: folder },
  );
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  expect(JSON.parse(ended.stdout)).toMatchObject({ app_version_id: 'v7' });
  // Outside of git it is the beginning of the build's hash alone.
  const nameless = await runCli(['submit', '--app=shop.apk', '--test=a.sh', '--dry-run', '--json'], {
    cwd: folder,
  });
  expect(nameless, nameless.stderr).toMatchObject({ code: 0 });
  const hash = createHash('sha256')
    .update(readFileSync(join(folder, 'shop.apk')))
    .digest('hex');
  expect(JSON.parse(nameless.stdout)).toMatchObject({ app_version_id: hash.slice(0, 12) });
});
