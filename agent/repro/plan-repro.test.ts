import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../test-support/host.ts';
import { planRepro, type WantedRepro } from './plan-repro.ts';

/** A test of a suite that looks for its device by itself, on a phone. */
function wantedOf(more: Partial<WantedRepro> = {}): WantedRepro {
  const frameworks = { default: 'command', command: { test: ['sh', '{test}'] } };
  const folder = makeWorkspace({ 'a.sh': '', 'qgjob.agent.json': JSON.stringify({ frameworks }) });
  return {
    ...{ config: join(folder, 'qgjob.agent.json'), token: 'qgj_x', framework: null, target: 'device' },
    ...{ testPath: 'a.sh', grep: undefined, variables: {}, app: join(folder, 'app.apk'), device: 'pixel' },
    ...{ serial: '0123', root: folder, top: undefined, folder, isPlan: false, ...more },
  };
}

test('an APK is put on the device by adb, whose words count more than its exit', async () => {
  const wanted = wantedOf();
  const { steps, notes } = await planRepro(wanted);
  expect(steps.map(({ name }) => name)).toEqual(['install', 'test']);
  expect(steps[0]?.argv).toEqual(['adb', '-s', '0123', 'install', '-r', '-t', '-g', '-d', wanted.app]);
  expect(notes).toEqual([]);
  const refuse = steps[0]?.refuse;
  expect(refuse?.('Performing Streamed Install\nSuccess')).toBeUndefined();
  expect(refuse?.('Failure [INSTALL_FAILED_OLDER_SDK]')).toContain('adb does not say');
  expect(refuse?.('Success\nFailure [INSTALL_FAILED_OLDER_SDK]')).toContain('adb does not say');
});

test('adb takes no address: what is known by its address alone is left to the person', async () => {
  const { steps, notes } = await planRepro(wantedOf({ app: 'https://builds.example.com/app.apk' }));
  expect(steps.map(({ name }) => name)).toEqual(['test']);
  expect(notes).toEqual([expect.stringContaining('put it on the device yourself')]);
});

test('a copy below packages is said, a folder of the person is not', async () => {
  const project = makeWorkspace({ 'repro/source/a.sh': '' });
  const [folder, top] = [join(project, 'repro'), join(project, 'repro/source')];
  const below = await planRepro(wantedOf({ folder, top, root: top }));
  expect(below.notes).toEqual([expect.stringContaining(`packages in ${project} too`)]);
  expect((await planRepro(wantedOf({ folder }))).notes).toEqual([]);
});
