import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runDetox, testFile, withDetox } from '../../test-support/detox-files.ts';
import { untilFile } from '../../test-support/host.ts';
import { inNamespace } from '../../test-support/real-suite.ts';

const totalInstalls = (started: Awaited<ReturnType<typeof runDetox>>): number =>
  started.server
    .callsOf('finishJob')
    .reduce((sum, { body }) => sum + ((body as { installs?: number }).installs ?? 0), 0);

withDetox('a file that cannot be loaded, one without tests and one that skips all did not pass', async () => {
  const started = await runDetox({
    a: testFile('a'),
    broken: `${testFile('b')} throw new Error('half a file');`,
    empty: '',
    // In the suite under test: a file with only skipped tests must not pass.
    skipped: `it.skip('later', () => {});`,
    odd: testFile('odd').replaceAll('odd', 'o;d d$(touch here)'),
  });
  expect(await started.finish('broken')).toMatchObject({
    error_class: 'report_error',
    error: expect.stringContaining('half a file'),
  });
  for (const name of ['empty', 'skipped'])
    expect(await started.finish(name)).toMatchObject({ error_class: 'report_error' });
  for (const name of ['a', 'odd']) expect(await started.finish(name)).toMatchObject({ verdict: 'passed' });
});

withDetox(
  'a device that cannot be made ready, and an app that cannot be installed, fail no test',
  async () => {
    const full = await runDetox({ a: testFile('a') }, {}, { extra: { full: '' } });
    expect(await full.finish('a')).toMatchObject({
      error_class: 'infra_error',
      error: expect.stringMatching(/^the app could not be installed: .*no space left/),
    });
    expect(totalInstalls(full)).toBe(0);
    const broken = await runDetox({ a: testFile('a') }, {}, { extra: { broken: '' } });
    expect(await broken.finish('a')).toMatchObject({
      error_class: 'infra_error',
      error: expect.stringMatching(/^the device could not be made ready: .*no such device/),
    });
  },
);

withDetox('what kills its process takes no other with it', async () => {
  const started = await runDetox({
    a: testFile('a'),
    b: testFile('b', `process.kill(process.pid, 'SIGKILL'); await new Promise(() => {});`),
    c: testFile('c'),
  });
  expect(await started.finish('b')).toMatchObject({ error_class: 'infra_error' });
  for (const name of ['a', 'c']) expect(await started.finish(name)).toMatchObject({ verdict: 'passed' });
  expect(
    started
      .noted()
      .map(([name]) => name)
      .sort(),
  ).toEqual(['a', 'b', 'c']);
});

withDetox('a command of the settings installs once, and what a test installs is counted', async () => {
  const started = await runDetox(
    { a: testFile('a'), b: testFile('b', 'await device.installApp();') },
    {},
    {
      settings: { install: ['sh', '-c', 'echo "$0" >> installed', '{device}'], configuration: 'fake' },
      lease: { install: true },
    },
  );
  for (const name of ['a', 'b']) expect(await started.finish(name)).toMatchObject({ verdict: 'passed' });
  expect(readFileSync(join(started.root, 'installed'), 'utf8')).toBe('simulated-emulator-1\n');
  expect(started.server.callsOf('reportInstalled')).toHaveLength(1);
  expect(started.asked('install')).toHaveLength(1);
  expect(totalInstalls(started)).toBe(1);
});

withDetox('an app is not installed again for the next lease, but for the next version', async () => {
  const started = await runDetox({ a: testFile('a'), b: testFile('b') });
  await started.finish('a');
  await started.finish('b');
  await started.server.until(() => started.server.callsOf('finishJob').length === 2);
  started.again({}, 'a', 'b');
  await started.server.until(() => started.server.callsOf('finishJob').length === 4);
  expect(started.asked('install')).toHaveLength(1);
  // The server asks for an install where another version comes.
  started.again({ install: true, app_version_id: 'v2' }, 'a', 'b');
  await started.server.until(() => started.server.callsOf('finishJob').length === 6);
  expect(started.asked('install')).toHaveLength(2);
});

withDetox('only tests whose title matches run, and in a drain no further file begins', async () => {
  const wait = `writeFileSync('here', ''); while (!existsSync('go')) await new Promise((done) => setTimeout(done, 20));`;
  const files = {
    a: `${testFile('a', wait)} it('another', () => { throw new Error('not asked for'); });`,
    b: testFile('b', wait),
  };
  const started = await runDetox(files, {}, { lease: { grep: 'works|$(x)' } });
  await untilFile(join(started.root, 'here'));
  started.agent.stop.requestDrain();
  writeFileSync(join(started.root, 'go'), '');
  await started.done;
  const [only] = started.server.callsOf('finishJob');
  expect(only?.body).toMatchObject({ verdict: 'passed' });
  expect(started.server.callsOf('finishJob')).toHaveLength(1);
  expect(started.server.callsOf('releaseLease')).toHaveLength(1);
});

withDetox('a suite that a run brings lies in a folder of its own', async () => {
  const started = await runDetox({ a: testFile('a'), b: testFile('b') }, {}, { isBundle: true });
  for (const name of ['a', 'b']) expect(await started.finish(name)).toMatchObject({ verdict: 'passed' });
  expect(totalInstalls(started)).toBe(1);
});

withDetox('a configuration of Jest with projects is refused in words', async () => {
  const config = `module.exports = { rootDir: '..', projects: ['<rootDir>'] };`;
  const started = await runDetox({ a: testFile('a') }, {}, { extra: { 'e2e/jest.config.js': config } });
  expect(await started.finish('a')).toMatchObject({
    error_class: 'rejected',
    error: expect.stringContaining('projects of Jest'),
  });
});

const agent = inNamespace('detox');
(agent ? withDetox : withDetox.skip)(
  'in a namespace of its own, one that is cancelled takes no other with it',
  async () => {
    const started = await runDetox(
      {
        a: testFile(
          'a',
          `console.log('a is here'); process.stdout.write('a is here'); await new Promise((done) => setTimeout(done, 600_000));`,
        ),
        b: testFile('b'),
      },
      {},
      { isBundle: true, agent: agent ?? {} },
    );
    await started.server.until(() => started.log('a').includes('a is here'));
    started.server.giveNews({ cancel: 'job_e2e_a_test_js' });
    expect(await started.finish('a')).toMatchObject({ verdict: 'cancelled' });
    expect(await started.finish('b')).toMatchObject({ verdict: 'passed' });
    expect(totalInstalls(started)).toBe(1);
  },
);
