import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeApk } from '../../../client/test-support/app-files.ts';
import type { FinishJob } from '../../../protocol/shapes/agent.ts';
import type { FakePhone } from '../../test-support/fake-phone.ts';
import { appOf, leasedJob, leaseOf } from '../../test-support/leases.ts';
import { connectPhones, hasAdb } from '../../test-support/phones.ts';
import { copySuite, hasSuite } from '../../test-support/real-suite.ts';
import { startTestAgent, type TestAgent, type TestAgentOptions } from '../../test-support/start-agent.ts';

// Real Mobilewright, with a driver of our own in the place of a phone.
const withSuite = test.skipIf(!hasSuite('mobilewright'));

const pathOf = (name: string): string => `tests/${name}.test.mjs`;
const idOf = (name: string): string => `job_tests_${name}_test_mjs`;

/** An agent whose workspace is the suite, and the build that its leases bring. */
async function start(options: TestAgentOptions = {}) {
  const build = await makeApk();
  const root = copySuite('mobilewright');
  const started = await startTestAgent({
    root,
    frameworks: { default: 'mobilewright' },
    ...options,
    prepare: (server) => {
      server.app = build;
    },
  });
  const app = appOf(build);
  const grant = (names: readonly string[], more: Parameters<typeof leaseOf>[1] = {}): void =>
    started.server.grant(
      leaseOf(
        names.map((name) => leasedJob(pathOf(name), { framework: 'mobilewright' })),
        { framework: 'mobilewright', app, install: true, ...more },
      ),
    );
  return { ...started, grant };
}

/** What the driver was asked for. */
const asked = (root: string, what: string): string[] =>
  readFileSync(join(root, 'driver.log'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(what));

const verdicts = async ({ server }: TestAgent, names: readonly string[]): Promise<FinishJob[]> =>
  Promise.all(names.map((name) => server.verdict(idOf(name))));

withSuite(
  'files run in one process, which installs the build of the lease once, also after a failed test; the install counts',
  async () => {
    const started = await start();
    started.grant(['first', 'fails', 'second']);
    const [first, fails, second] = await verdicts(started, ['first', 'fails', 'second']);
    expect([first?.verdict, second?.verdict]).toEqual(['passed', 'passed']);
    expect(fails).toMatchObject({
      verdict: 'failed',
      tests: [
        { name: 'finds what is not there', status: 'failed' },
        { name: 'runs in the next worker', status: 'passed' },
      ],
      only: [expect.any(String)],
    });
    const installs = asked(started.root, 'install');
    expect(installs).toEqual([expect.stringMatching(/\.apk$/)]);
    expect([first, fails, second].map((one) => one?.installs ?? 0).reduce((a, b) => a + b)).toBe(1);
    expect(asked(started.root, 'allocate')).toHaveLength(1);
    expect(readdirSync(started.root).filter((name) => name.startsWith('.qgjob.'))).toEqual([]);
  },
);

withSuite('a cancelled test ends softly, and its device is released', async () => {
  const started = await start();
  started.grant(['stays', 'second']);
  const { server, root } = started;
  await server.until(() => server.logOf(idOf('stays')).includes('it runs on'));
  server.giveNews({ cancel: idOf('stays') });
  const [stays, second] = await verdicts(started, ['stays', 'second']);
  expect([stays?.verdict, second?.verdict]).toEqual(['cancelled', 'passed']);
  await started.stop();
  expect(asked(root, 'release')).toHaveLength(1);
});

test.skipIf(!hasSuite('mobilewright') || !hasAdb())(
  'on a phone that the agent has put the app on, mobilewright takes that phone and installs nothing',
  async () => {
    const { phones, env } = await connectPhones(1);
    const [phone] = phones as [FakePhone];
    const started = await start({
      host: env,
      settings: { devices: [{ driver: 'adb', target: 'device', serial: phone.serial }] },
    });
    started.grant(['first', 'second']);
    const [first, second] = await verdicts(started, ['first', 'second']);
    expect([first, second]).toMatchObject([{ verdict: 'passed' }, { verdict: 'passed' }]);
    expect(asked(started.root, '')).not.toContainEqual(expect.stringMatching(/^install/));
    expect(asked(started.root, 'allocate')).toEqual([`allocate ${phone.serial}`]);
    expect(phone.log.filter((line) => line.startsWith('installed'))).toHaveLength(1);
    expect(first?.installs ?? 0).toBe(0);
  },
);

test('a suite without mobilewright, or without its configuration, is told what is missing', async () => {
  const { server } = await startTestAgent({
    files: { 'a/mobilewright.config.mjs': 'export default {};', 'a/x.test.mjs': '', 'b/x.test.mjs': '' },
    frameworks: { default: 'mobilewright' },
  });
  server.grant(leaseOf(['a/x.test.mjs', 'b/x.test.mjs'], { framework: 'mobilewright' }));
  expect(await server.verdict('job_a_x_test_mjs')).toMatchObject({
    error_class: 'rejected',
    error: expect.stringMatching(/^mobilewright is not installed in /),
  });
  expect(await server.verdict('job_b_x_test_mjs')).toMatchObject({
    error_class: 'rejected',
    error: 'there is no mobilewright.config.ts (or .js, .mjs) beside b/x.test.mjs or above it',
  });
});
