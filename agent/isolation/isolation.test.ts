import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startAgentProcess } from '../test-support/agent-process.ts';
import { FakeServer } from '../test-support/fake-server.ts';
import { makeWorkspace } from '../test-support/host.ts';
import { leasedJob, leaseOf } from '../test-support/leases.ts';
import { Cgroups } from './cgroups.ts';
import type { IsolationName } from './isolation.ts';

const isRoot = process.getuid?.() === 0;
const nobody = 65534;
/** Node and the packages may lie in the folder for temporary files, which is hidden from tests. */
const visible = [join(import.meta.dirname, '../..'), dirname(process.execPath)];
const hasCgroups = (await Cgroups.open('qgjob-test-')) !== undefined;

const isRunning = (words: string): boolean =>
  readdirSync('/proc').some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').includes(words);
    } catch {
      return false;
    }
  });

/** Where a test tries to write. As another user alone it shares the system's folders for all users. */
const placesOf = (isolation: IsolationName): string =>
  isolation === 'user' ? '"$HOME" "$TMPDIR" .' : `"$HOME" "$TMPDIR" ${tmpdir()} /var/tmp /dev/shm .`;

/** Reads what is not its own, writes wherever it can, and leaves processes that nothing marks. */
const evil = (left: string, places: string): string => `
cat .qgjob/agent/secret qgjob.agent.json .qgjob/agent/*/*/lease-*/*
cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep TOKEN=
echo 'exit 1' > next.sh
echo changed > .qgjob/agent/.cache/archive
for place in ${places}; do echo x > "$place/${left}"; done
env -i setsid /bin/sleep ${left} &
env -i setsid /bin/sh -c '/bin/sleep ${left} & exec /bin/sleep ${left}' &
until [ "$(cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -o 'bin/sleep ${left}' | wc -l)" -ge 3 ]; do sleep 0.02; done
echo did all
`;

/** Passes where nothing of the evil one is seen. */
const next = (left: string, places: string): string => `
for place in ${places}; do [ ! -e "$place/${left}" ] || exit 2; done
id -u
`;

interface Host {
  readonly root: string;
  readonly left: string;
  readonly server: FakeServer;
}

interface Setting {
  readonly isolation: IsolationName;
  /** Of the agent; undefined: that of this process. */
  readonly uid?: number;
}

/** An agent beside whose settings a secret lies, on a host whose files belong to its user. */
async function startHost({ isolation, uid }: Setting): Promise<Host> {
  const left = `9${process.pid}${Math.floor(Math.random() * 1e6)}`;
  const places = placesOf(isolation);
  const root = makeWorkspace({
    'evil.sh': evil(left, isolation === 'none' ? '.' : places),
    'next.sh': next(left, places),
    'hears.sh': 'trap "echo bye; exit 3" TERM; echo ready; while :; do sleep 0.02; done',
    'rights.sh': 'grep NoNewPrivs /proc/self/status',
    'playwright.config.ts': `export default { testDir: 'tests' };`,
    'tests/a.spec.ts': `import { test } from '@playwright/test';
test('is who it should be', () => console.log('I am ' + process.getuid()));
test('fails', () => { throw new Error('on purpose'); });`,
    'home/.profile': '',
    '.qgjob/agent/secret': 'secret of the agent',
    '.qgjob/agent/.cache/archive': 'as it was',
  });
  const settings = {
    devices: [{ driver: 'simulated', target: 'emulator' }],
    frameworks: { default: 'command', command: { test: ['sh', '{test}'] } },
    redact: ['secret of the settings'],
    isolation,
    isolation_visible: visible,
    ...(isolation === 'user' && { isolation_user: 'nobody' }),
  };
  writeFileSync(join(root, 'qgjob.agent.json'), JSON.stringify(settings));
  chmodSync(join(root, '.qgjob/agent'), 0o700);
  chmodSync(join(root, 'qgjob.agent.json'), 0o600);
  chmodSync(root, 0o755);
  if (uid !== undefined) execFileSync('chown', ['-hR', `${uid}:${uid}`, root]);
  const server = await FakeServer.start();
  const env = { HOME: join(root, 'home') };
  startAgentProcess(root, { serverUrl: server.url }, { uid, env });
  return { root, left, server };
}

const all: (Setting & { readonly name: string; readonly here: boolean })[] = [
  { name: 'none', isolation: 'none', here: hasCgroups },
  { name: 'user', isolation: 'user', here: isRoot },
  { name: 'namespace, by root', isolation: 'namespace', here: isRoot },
  { name: 'namespace, by another user', isolation: 'namespace', uid: nobody, here: isRoot },
];

describe.each(all.filter(({ here }) => here))('isolation $name', (setting) => {
  test('all that a test started ends with it, also what left its session and its environment', async () => {
    const { server, left } = await startHost(setting);
    server.grant(leaseOf(['evil.sh']));
    expect(await server.verdict('job_evil_sh')).toMatchObject({ verdict: 'passed' });
    expect(server.logOf('job_evil_sh')).toContain('did all');
    expect(isRunning(`sleep ${left}`)).toBe(false);
  });

  test('Playwright runs as elsewhere, a retry of what failed too', async () => {
    const { server } = await startHost(setting);
    server.grant(leaseOf([leasedJob('tests/a.spec.ts')], { framework: 'playwright' }));
    const first = await server.verdict('job_tests_a_spec_ts');
    expect(first).toMatchObject({ verdict: 'failed', only: [expect.any(String)] });
    const me = setting.isolation === 'none' ? process.getuid?.() : nobody;
    expect(server.logOf('job_tests_a_spec_ts')).toContain(`I am ${me}\n`);
    const again = { ...leasedJob('tests/a.spec.ts', { only: first.only }), job_id: 'job_again' };
    server.grant(leaseOf([again], { framework: 'playwright' }));
    expect(await server.verdict('job_again')).toMatchObject({ verdict: 'failed', retried_tests: 1 });
  });

  test("a cancelled test gets its framework's own signal, and its exit code comes back", async () => {
    const { server } = await startHost(setting);
    server.grant(leaseOf(['hears.sh']));
    await server.until(() => server.logOf('job_hears_sh').includes('ready'));
    server.giveNews({ cancel: 'job_hears_sh' });
    expect(await server.verdict('job_hears_sh')).toMatchObject({ verdict: 'cancelled' });
    expect(server.logOf('job_hears_sh')).toContain('bye');
  });
});

const apart = all.filter(({ here, isolation }) => here && isolation !== 'none');

describe.each(apart)('isolation $name', (setting) => {
  // Without root a user namespace takes those rights away.
  test.runIf(setting.uid === undefined)(
    'no program that a test starts gets more rights than it',
    async () => {
      const { server } = await startHost(setting);
      server.grant(leaseOf(['rights.sh']));
      await server.verdict('job_rights_sh');
      expect(server.logOf('job_rights_sh')).toMatch(/^NoNewPrivs:\t1$/m);
    },
  );

  test('a test reads no secret of the agent, and the next one sees nothing of what it wrote', async () => {
    const { server, root } = await startHost(setting);
    server.grant(leaseOf(['evil.sh']));
    await server.verdict('job_evil_sh');
    const log = server.logOf('job_evil_sh');
    expect(log).toContain('did all');
    expect(log).not.toMatch(/secret of|redacted|TOKEN=/);
    expect(readFileSync(join(root, '.qgjob/agent/.cache/archive'), 'utf8')).toBe('as it was');
    server.grant(leaseOf(['next.sh']));
    expect(await server.verdict('job_next_sh')).toMatchObject({ verdict: 'passed' });
    expect(server.logOf('job_next_sh')).toContain(`${nobody}\n`);
    // A workspace and a home that are the tests' own stay as they were, too.
    expect(readdirSync(root).sort()).toEqual(
      [
        ...['.qgjob', 'evil.sh', 'hears.sh', 'home', 'next.sh', 'node_modules'],
        ...['playwright.config.ts', 'qgjob.agent.json', 'rights.sh', 'tests'],
      ].sort(),
    );
    expect(readdirSync(join(root, 'home'))).toEqual(['.profile']);
  });
});
