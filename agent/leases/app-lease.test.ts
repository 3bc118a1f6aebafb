import { createHash } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { makeAab, makeApk, makeIpa } from '../../client/test-support/app-files.ts';
import type { Lease } from '../../protocol/shapes/agent.ts';
import { leasedJob, leaseOf } from '../test-support/leases.ts';
import { startTestAgent, type TestAgentOptions } from '../test-support/start-agent.ts';

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The argument and the variable are the same file; it is copied to where the test looks at it. */
const files = {
  'a.sh': 'test "$1" = "$QGJOB_APP" && cp "$1" got && echo "app at $1"',
  'b.sh': 'cmp got "$1" && chmod u+w "$1" && echo spoilt > "$1"',
};
const frameworks = {
  default: 'command',
  command: { test: ['sh', '{test}', '{app}'], install: ['sh', '-c', 'cat "$0" > installed', '{app}'] },
};

const start = (app: Uint8Array, options: TestAgentOptions = {}) =>
  startTestAgent({
    files,
    frameworks,
    ...options,
    prepare: (server) => {
      server.app = app;
    },
  });

const appLease = (bytes: Uint8Array, platform: string, more: Partial<Lease> = {}): Lease =>
  leaseOf(['a.sh', 'b.sh'], {
    app: { platform, sha256: hashOf(bytes), size: bytes.length },
    install: true,
    ...more,
  });

test.each([
  ['an APK', makeApk, 'android', 'apk'],
  ['an App Bundle', makeAab, 'android', 'aab'],
  ['an IPA', () => makeIpa(), 'ios', 'ipa'],
  ['what is none of them', async () => Buffer.from('the build'), 'android', 'apk'],
])(
  '%s is a file whose name ends as its kind, for the install and for each test',
  async (_, make, platform, ending) => {
    const bytes = await make();
    const { server, root } = await start(bytes);
    server.grant(appLease(bytes, platform));
    expect(await server.verdict('job_b_sh')).toMatchObject({ verdict: 'passed' });
    expect(server.logOf('job_a_sh')).toMatch(new RegExp(`app at /\\S+/app\\.${ending}\\s`));
    expect(readFileSync(join(root, 'installed')).equals(bytes)).toBe(true);
  },
);

test('leases of one build fetch it once, and a test that spoils its copy spoils no other', async () => {
  const bytes = await makeApk();
  const { server } = await start(bytes);
  for (let n = 0; n < 3; n += 1) {
    server.grant(appLease(bytes, 'android'));
    await server.until(() => server.callsOf('finishJob').length === 2 * (n + 1));
  }
  const verdicts = server.callsOf('finishJob').map(({ body }) => (body as { verdict: string }).verdict);
  expect(verdicts).toEqual(Array(6).fill('passed'));
  expect(server.callsOf('getLeaseApp')).toHaveLength(1);
});

test('the copy goes with its lease; the build stays for the next one', async () => {
  const bytes = await makeApk();
  const { server, agent, stop } = await start(bytes);
  server.grant(appLease(bytes, 'android'));
  await server.verdict('job_b_sh');
  await stop();
  const cache = join(agent.config.dataDir, '.cache/apps');
  expect(readdirSync(cache)).toEqual([hashOf(bytes)]);
  const left = readdirSync(agent.config.dataDir, { recursive: true }).map(String);
  expect(left.filter((path) => path.endsWith('.apk'))).toEqual([]);
});

test('an address without a file is what the install and the tests get, and nothing is fetched', async () => {
  const { server } = await start(new Uint8Array(), {
    files: { 'a.sh': 'echo "app at $1 $QGJOB_APP"' },
    frameworks: { default: 'command', command: { test: ['sh', '{test}', '{app}'] } },
  });
  const url = 'https://example.com/shop.apk';
  server.grant(leaseOf(['a.sh'], { app: { platform: 'android', url } }));
  expect(await server.verdict('job_a_sh')).toMatchObject({ verdict: 'passed' });
  expect(server.logOf('job_a_sh')).toContain(`app at ${url} ${url}`);
  expect(server.callsOf('getLeaseApp')).toEqual([]);
});

test('a build that twice comes with other bytes is an infra_error of one job; the others are given back', async () => {
  const { server } = await start(Buffer.from('something else'));
  server.grant(appLease(Buffer.from('the build'), 'android'));
  await server.until(() => server.callsOf('releaseLease').length === 1);
  expect(server.story).toEqual(['getLeaseApp', 'getLeaseApp', 'finishJob', 'releaseLease']);
  expect(server.verdictOf('job_a_sh')).toMatchObject({
    error_class: 'infra_error',
    error: expect.stringMatching(
      /^the app could not be fetched: what came for the app [0-9a-f]{64} are other/,
    ),
  });
});

test('a build that the server does not have any more rejects the jobs, and nothing is installed', async () => {
  const { server } = await start(new Uint8Array());
  server.refuse('getLeaseApp', 'not_found');
  server.grant(appLease(Buffer.from('the build'), 'android'));
  expect(await server.verdict('job_b_sh')).toMatchObject({
    error_class: 'rejected',
    error: expect.stringContaining('the server does not have the app any more'),
  });
  expect(server.story).toEqual(['getLeaseApp', 'finishJob', 'finishJob']);
});

test('a page of a proxy is no build: it is asked for again', async () => {
  const bytes = await makeApk();
  const { server } = await start(bytes);
  server.standBetween('getLeaseApp', 200);
  server.grant(appLease(bytes, 'android'));
  expect(await server.verdict('job_a_sh')).toMatchObject({ verdict: 'passed' });
});

test('a drain cuts a download short, and gives everything back', async () => {
  const bytes = await makeApk();
  const { server, stop } = await start(bytes);
  const release = server.hold('getLeaseApp');
  server.grant(appLease(bytes, 'android'));
  await server.until(() => server.callsOf('getLeaseApp').length === 1);
  expect(await stop()).toBe(0);
  release();
  expect(server.story).toEqual(['getLeaseApp', 'releaseLease']);
});

test('two slots that need the same build fetch it once; a lost lease ends its download alone', async () => {
  const bytes = await makeApk();
  const { server } = await start(bytes, { count: 2 });
  const release = server.hold('getLeaseApp');
  server.grant(appLease(bytes, 'android'));
  await server.until(() => server.callsOf('getLeaseApp').length === 1);
  const [lost = ''] = server.granted.keys();
  const { jobs, ...lease } = appLease(bytes, 'android', { install: false });
  server.grant({ ...lease, jobs: jobs.slice(0, 1).map((job) => ({ ...job, job_id: 'job_of_the_other' })) });
  await server.until(() => server.granted.size === 2);
  server.giveNews({ lost });
  await server.until(() => server.callsOf('getLeaseApp').length === 2);
  release();
  expect(await server.verdict('job_of_the_other')).toMatchObject({ verdict: 'passed' });
  expect(server.verdictOf('job_a_sh')).toBeUndefined();
});

const isRoot = process.getuid?.() === 0;

test.skipIf(!isRoot).each(['user', 'namespace'])(
  'with the isolation %s a test has its copy as another user, and does not get at the kept build',
  async (isolation) => {
    const bytes = await makeApk();
    const visible = [join(import.meta.dirname, '../..'), dirname(process.execPath)];
    const { server, agent, root } = await start(bytes, {
      files: {
        'a.sh':
          'id -un; cat "$1" > /dev/null && chmod u+w "$1" && echo x >> "$1" && ! (echo x > "$(cat kept)")',
        kept: '',
      },
      frameworks: { default: 'command', command: { test: ['sh', '{test}', '{app}'] } },
      settings: {
        isolation,
        isolation_visible: visible,
        ...(isolation === 'user' && { isolation_user: 'nobody' }),
      },
    });
    chmodSync(root, 0o755);
    const kept = join(agent.config.dataDir, '.cache/apps', hashOf(bytes), 'build');
    writeFileSync(join(root, 'kept'), kept);
    for (const name of ['one', 'two']) {
      const job = leasedJob('a.sh', { job_id: `job_${name}` });
      server.grant(
        leaseOf([job], { app: { platform: 'android', sha256: hashOf(bytes), size: bytes.length } }),
      );
      const verdict = await server.verdict(`job_${name}`);
      expect([verdict.verdict, server.logOf(`job_${name}`)]).toEqual([
        'passed',
        expect.stringContaining('nobody'),
      ]);
    }
    expect(readFileSync(kept).equals(bytes)).toBe(true);
    expect(server.callsOf('getLeaseApp')).toHaveLength(1);
  },
);

test('a build that was announced and is not uploaded rejects its jobs: the old app on the device is not tested for it', async () => {
  const { server } = await start(Buffer.from('the build'));
  server.grant(
    leaseOf(['a.sh'], {
      app: { platform: 'android', sha256: hashOf(Buffer.from('the build')) },
      install: true,
    }),
  );
  expect(await server.verdict('job_a_sh')).toMatchObject({
    error_class: 'rejected',
    error: expect.stringMatching(/was announced .* and not uploaded: qgjob apps upload/),
  });
  expect(server.callsOf('reportInstalled')).toEqual([]);
});
