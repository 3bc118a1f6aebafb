import { join } from 'node:path';
import { expect } from 'vitest';
import { runDetox, testFile, withDetox } from '../../test-support/detox-files.ts';
import { untilFile, untilGone } from '../../test-support/host.ts';

const ever = 'await new Promise((resolve) => setTimeout(resolve, 600_000));';

withDetox(
  'the files of a lease share one process and one install; each has its own log and verdict',
  async () => {
    const started = await runDetox({
      // In the suite under test: a skipped test beside one that passed is reported as skipped.
      a: `${testFile('a')} it.skip('later', () => {});`,
      b: testFile('b', `await expect(element(by.id('nowhere'))).toBeVisible();`),
      c: `jest.retryTimes(1); let tries = 0; ${testFile('c', `tries += 1; if (tries === 1) throw new Error('once');`)}`,
    });
    expect(await started.finish('b')).toMatchObject({
      verdict: 'failed',
      error: expect.stringMatching(/^1 of 1 test failed: b › works: .*there is no nowhere/),
    });
    expect(await started.finish('a')).toMatchObject({
      verdict: 'passed',
      tests: [
        { name: 'a › works', status: 'passed' },
        { name: 'later', status: 'skipped' },
      ],
    });
    expect(await started.finish('c')).toMatchObject({
      verdict: 'passed',
      tests: [{ status: 'flaky', message: expect.stringContaining('once') }],
    });
    expect(started.asked('install')).toHaveLength(1);
    const installs = started.server
      .callsOf('finishJob')
      .map(({ body }) => (body as { installs?: number }).installs ?? 0);
    expect(installs.reduce((sum, one) => sum + one, 0)).toBe(1);
    for (const name of ['a', 'b', 'c']) expect(started.log(name)).toContain(`mark-${name}`);
    const pictures = (): string[] =>
      Object.keys(started.server.artifacts.of('job_e2e_b_test_js')).filter((name) => name.endsWith('.png'));
    await started.server.until(() => pictures().length > 0);
  },
);

withDetox(
  'what a test has uninstalled, or put another build of in its place, is installed again',
  async () => {
    const started = await runDetox({
      a: testFile('a', 'await device.launchApp({ delete: true });'),
      b: testFile('b', 'await device.uninstallApp();'),
      c: testFile('c', `await device.installApp('older.apk');`),
      d: testFile('d'),
    });
    for (const name of ['a', 'b', 'c', 'd'])
      expect(await started.finish(name)).toMatchObject({ verdict: 'passed' });
    // The one before the first file, that of `delete`, which leaves the app as it was, and those after b and c.
    expect(started.asked('install').filter((line) => !line.includes('older'))).toHaveLength(4);
  },
);

withDetox('one that is cancelled while it runs leaves no process, and takes no other with it', async () => {
  const started = await runDetox({
    a: testFile('a', `writeFileSync('cancel-me', ''); ${ever}`),
    b: testFile('b'),
  });
  await untilFile(join(started.root, 'cancel-me'));
  started.server.giveNews({ cancel: 'job_e2e_a_test_js' });
  expect(await started.finish('a')).toMatchObject({ verdict: 'cancelled' });
  await untilGone(started.noted()[0]?.[1] ?? '');
  expect(started.asked('emergency')).toHaveLength(1);
  expect(await started.finish('b')).toMatchObject({ verdict: 'passed' });
  // The app was there from the first process on.
  expect(started.asked('install')).toHaveLength(1);
});
