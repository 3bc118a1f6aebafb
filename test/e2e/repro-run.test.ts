import { readdirSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { makeFolder } from '../support/processes.ts';
import { startProxy } from '../support/proxy.ts';
import { clientOf, makeSuite, type ReproLab, startReproLab } from '../support/repro-lab.ts';

const byCommand = { frameworks: { default: 'command', command: { test: ['sh', '{test}'] } } };

/** A job that nobody runs, of a test in a folder of the agent. */
async function submitJob(lab: ReproLab, more: object = {}): Promise<string> {
  const body = {
    ...{ org_id: 'acme', app_version_id: 'v9', target: 'browser', test_path: 'a.sh' },
    ...{ allow_no_device: true, source: { kind: 'workspace' as const }, ...more },
  };
  return (await clientOf(lab).call('submitJob', { body })).job_id;
}

const failedCase =
  '<testsuite tests="1" failures="1"><testcase name="pays"><failure>12</failure></testcase></testsuite>';

test('a test is judged as an agent judges it, and what this host lacks is no failure', async () => {
  const lab = await startReproLab(byCommand);
  const [id, short] = [await submitJob(lab), await submitJob(lab, { timeout_ms: 1000 })];
  const cases: [what: string, script: string, code: number, says: RegExp, job?: string][] = [
    ['a pass', 'exit 0', 0, /^passed here$/m],
    ['a failure', 'exit 1', 1, /^did not pass here: the command exited with 1; its files are in /m],
    [
      'a failed case and a pass',
      `echo '${failedCase}' > "$QGJOB_JUNIT"; exit 0`,
      1,
      /^did not pass here: 1 of 1 test failed: pays: 12;/m,
    ],
    ['no program', 'exit 127', 4, /^it could not be run here: the command exited with 127/m],
    ['an error of the host', 'exit 75', 4, /^it could not be run here: /m],
    ['its own limit', 'exit 124', 1, /^did not pass here: the command exited with 124/m],
    ['longer than its job may', 'sleep 60', 1, /^did not pass here: ran longer than 1\.0 s/m, short],
  ];
  for (const [what, script, code, says, job = id] of cases) {
    const source = makeFolder({ 'a.sh': script });
    const ended = await lab.run(['repro', job, `--source=${source}`, '--run', '--force']);
    expect(ended, what).toMatchObject({ code, stderr: expect.stringMatching(says) });
  }
});

test('a runner that is not here is said, and is no failure', async () => {
  const lab = await startReproLab({
    frameworks: { default: 'command', command: { test: ['no-such-runner', '{test}'] } },
  });
  const source = makeFolder({ 'a.sh': '', 'a.yaml': '', 'a.spec.ts': '' });
  const cases = [
    [{}, /could not be run here: cannot start no-such-runner/],
    [{ framework: 'maestro', test_path: 'a.yaml' }, /could not be run here: maestro is not on/],
    [{ framework: 'playwright', test_path: 'a.spec.ts' }, /could not be run here: @playwright.test is not/],
  ] as const;
  for (const [more, says] of cases) {
    const id = await submitJob(lab, more);
    expect(await lab.run(['repro', id, `--source=${source}`, '--run'])).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(says),
    });
  }
});

test('--print writes nothing, also where a command is known by its files alone', async () => {
  const lab = await startReproLab(byCommand);
  const id = await submitJob(lab, { framework: 'webdriverio', test_path: 'a.js' });
  const source = makeFolder({ 'a.js': '', 'wdio.conf.js': 'export const config = {};' });
  const [here, there] = [readdirSync(lab.desk), readdirSync(source)];
  expect(await lab.run(['repro', id, `--source=${source}`, '--print'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('leave --print out'),
  });
  expect([readdirSync(lab.desk), readdirSync(source)]).toEqual([here, there]);
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s while a build is fetched, or while the test runs, leaves nothing half done',
  async (signal) => {
    const lab = await startReproLab(byCommand);
    const folder = await makeSuite({ 'qgjob.json': '{}', 'a.sh': 'exit 0' });
    const id = await lab.submit(folder, '--app=shop.apk', '--app-version-id=v1', '--test=a.sh');
    const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>();
    const proxy = await startProxy(lab.url, ({ route }) => {
      if (route !== 'getAppFile') return undefined;
      isAsked();
      return 'held';
    });
    onTestFinished(() => proxy.close());
    const before = readdirSync(lab.desk);
    const fetching = lab.start(['repro', id, '--dir=there'], { QGJOB_SERVER_URL: proxy.url });
    await asked;
    expect((await fetching.stop(signal)).code).toBe(130);
    expect(readdirSync(lab.desk)).toEqual(before);

    const long = makeFolder({ 'a.sh': 'echo it runs; sleep 60' });
    const running = lab.start(['repro', id, '--run', `--source=${long}`]);
    await running.sees(/it runs/);
    expect((await running.stop(signal)).code).toBe(130);
    expect(readdirSync(long)).toEqual(['a.sh']);
  },
);
