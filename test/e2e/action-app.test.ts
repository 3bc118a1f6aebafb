import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeApk } from '../../client/test-support/app-files.ts';
import { runMain, sha } from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';

const lab = useLab({
  'tests/app.sh': 'echo "tests $QGJOB_APP"; test -s "$QGJOB_APP"',
  'tests/url.sh': 'test "$QGJOB_APP" = bs://abc',
});

const versionsOf = async () =>
  (await lab().client.call('listAppVersions', { query: { org_id: 'acme' } })).app_versions;

test('the build that a step names is uploaded once, and each build of a commit is a version of its own', async () => {
  const apk = await makeApk();
  writeFileSync(join(lab().workspace, 'app.apk'), apk);
  const version = `${sha}-${createHash('sha256').update(apk).digest('hex').slice(0, 12)}`;
  const inputs = { tests: 'tests/app.sh', 'app-file': 'app.apk' };
  const first = await runMain(lab().step(inputs));
  expect(first.log).toContain(`App ${version}: APK of com.example.shop 1.4.2 (42), 1 KiB`);
  expect(first, first.log).toMatchObject({ code: 0, outputs: { conclusion: 'success' } });
  const again = await runMain(lab().step(inputs));
  expect(again.log).toContain('uploaded before');
  expect(again).toMatchObject({ code: 0 });

  writeFileSync(join(lab().workspace, 'app.apk'), await makeApk({ versionCode: 43 }));
  const rebuilt = await runMain(lab().step(inputs));
  expect(rebuilt, rebuilt.log).toMatchObject({ code: 0 });
  const versions = (await versionsOf()).map(({ app_version_id: id }) => id);
  expect(versions).toEqual([expect.stringMatching(new RegExp(`^${sha}-[0-9a-f]{12}$`)), version]);
  expect(new Set(versions).size).toBe(2);
});

test('the address that a step names reaches the tests as it is', async () => {
  const inputs = { tests: 'tests/url.sh', 'app-url': 'bs://abc', 'app-version-id': 'cloud-1' };
  const result = await runMain(lab().step(inputs));
  expect(result, result.log).toMatchObject({ code: 0, outputs: { conclusion: 'success' } });
  const [known] = await versionsOf();
  expect(known).toMatchObject({ app_version_id: 'cloud-1', url: 'bs://abc', size: null });
});

test('a build that is none fails the step before anything is submitted', async () => {
  writeFileSync(join(lab().workspace, 'bad.apk'), 'not an app');
  const before = await lab().client.call('listRuns');
  for (const [file, why] of [
    ['bad.apk', 'is no whole APK, AAB or IPA'],
    ['away.apk', 'there is no such file'],
  ] as const) {
    const result = await runMain(lab().step({ tests: 'tests/app.sh', 'app-file': file }));
    expect(result).toMatchObject({ code: 1, outputs: { status: 'errored' } });
    expect(result.log).toContain('::error::input app-file: ');
    expect(result.log).toContain(why);
  }
  expect(await lab().client.call('listRuns')).toEqual(before);
});
