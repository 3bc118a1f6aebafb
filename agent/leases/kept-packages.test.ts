import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { expect, test } from 'vitest';
import { makeWorkspace, untilFile } from '../test-support/host.ts';
import { leasedJob, leaseOf } from '../test-support/leases.ts';
import { startTestAgent, type TestAgent, type TestAgentOptions } from '../test-support/start-agent.ts';

type Files = Readonly<Record<string, string | Buffer>>;

const pack = async (files: Files): Promise<Buffer> =>
  gzipSync(
    await packTar(
      Object.entries(files).map(([name, body]) => ({
        header: {
          name,
          size: Buffer.byteLength(body),
          type: 'file' as const,
          mode: 0o755,
          mtime: new Date(0),
        },
        body,
      })),
    ),
  );

const json = (value: unknown): string => JSON.stringify(value, undefined, 2);

/** A package as a registry would have it: a text, a program, and scripts. */
const packageFile = (scripts: Readonly<Record<string, string>>): Promise<Buffer> =>
  pack({
    'package/package.json': json({ name: 'left', version: '1.0.0', bin: { left: 'left.sh' }, scripts }),
    'package/text': 'as it was made\n',
    'package/left.sh': '#!/bin/sh\necho of left\n',
  });

interface SuiteOptions {
  /** Of the package, instead of the true one. */
  readonly hash?: string;
  /** Of the package, and of the suite itself. */
  readonly scripts?: Readonly<Record<string, string>>;
  readonly ownScripts?: Readonly<Record<string, string>>;
  /** More of the manifest. */
  readonly manifest?: object;
}

/** A commit: its tests and what else it has, with one package and a lock file. */
async function commit(
  files: Files,
  { hash, scripts = {}, ownScripts = {}, manifest = {} }: SuiteOptions = {},
): Promise<Buffer> {
  const left = await packageFile(scripts);
  const own = {
    name: 'suite',
    version: '1.0.0',
    dependencies: { left: 'file:left.tgz' },
    workspaces: ['part'],
  };
  const integrity = `sha512-${createHash('sha512')
    .update(hash ?? left)
    .digest('base64')}`;
  const hasInstallScript = Object.keys(scripts).length > 0;
  const packages = {
    '': own,
    'node_modules/left': {
      version: '1.0.0',
      resolved: 'file:left.tgz',
      integrity,
      hasInstallScript,
      bin: { left: 'left.sh' },
    },
    'node_modules/part': { resolved: 'part', link: true },
    part: { version: '1.0.0', bin: { part: 'part.sh' } },
  };
  return pack({
    'left.tgz': left,
    'package.json': json({ ...own, scripts: ownScripts, ...manifest }),
    'package-lock.json': json({
      name: 'suite',
      version: '1.0.0',
      lockfileVersion: 3,
      requires: true,
      packages,
    }),
    'part/package.json': json({ name: 'part', version: '1.0.0', bin: { part: 'part.sh' } }),
    'part/part.sh': '#!/bin/sh\necho of part\n',
    ...files,
  });
}

const realNpm = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim();

interface Host {
  readonly started: TestAgent;
  /** Grants a lease of a commit, whose test is `test.sh`, and answers the id of its job. */
  grant(commit: Buffer): string;
  /** Runs it, and answers its verdict and its log. */
  run(commit: Buffer): Promise<{ verdict: string; log: string; error: string | undefined }>;
  /** What npm was told to do. */
  npm(): string[];
  /** What is kept on this host, and what is on its way there. */
  kept(): string[];
  /** From now on npm never ends. */
  readonly hold: string;
  readonly begun: string;
}

/** Notes what npm is told, and waits where it finds `hold`. */
const notingNpm = `#!/bin/sh
here="$(dirname "$0")"
echo "$*" >> "$here/log"
[ "$1" = ci ] && [ -e "$here/hold" ] && touch "$here/begun" && exec sleep 600
exec ${realNpm} "$@"
`;

/** `isOpen`: other users may run that npm too. */
async function startHost({
  isOpen,
  ...options
}: TestAgentOptions & { isOpen?: boolean } = {}): Promise<Host> {
  const bin = makeWorkspace({ npm: notingNpm, log: '' });
  chmodSync(join(bin, 'npm'), 0o755);
  if (isOpen) for (const path of [bin, join(bin, 'log')]) chmodSync(path, 0o777);
  const settings = { ...options.settings };
  if (isOpen) settings.isolation_visible = [...(settings.isolation_visible as string[]), bin];
  const started = await startTestAgent({
    ...options,
    settings,
    host: { PATH: `${bin}:${dirname(process.execPath)}:/usr/bin:/bin` },
  });
  const { server, root } = started;
  const cache = join(root, '.qgjob/agent/.cache/packages');
  let granted = 0;
  const grant = (source: Buffer): string => {
    granted += 1;
    server.source = source;
    const sha256 = createHash('sha256').update(source).digest('hex');
    const job = leasedJob('test.sh', { job_id: `job_${granted}` });
    server.grant(leaseOf([job], { source: { kind: 'bundle', sha256 } }));
    return job.job_id;
  };
  return {
    started,
    grant,
    run: async (source) => {
      const id = grant(source);
      const { verdict, error } = await server.verdict(id);
      return { verdict, error, log: server.logOf(id) };
    },
    npm: () =>
      readFileSync(join(bin, 'log'), 'utf8')
        .split('\n')
        .filter((line) => /^(ci|rebuild|run)/.test(line)),
    kept: () => (existsSync(cache) ? readdirSync(cache) : []),
    hold: join(bin, 'hold'),
    begun: join(bin, 'begun'),
  };
}

const installs = ({ npm }: Host): number => npm().filter((words) => words.startsWith('ci')).length;
const reads = 'cat node_modules/left/text; node_modules/.bin/left; node_modules/.bin/part';
const read = 'as it was made\nof left\nof part\n';

test('two commits with one lock file install once, and each one has its own code', async () => {
  const host = await startHost();
  const first = await host.run(await commit({ 'test.sh': `echo one; ${reads}` }));
  const second = await host.run(await commit({ 'test.sh': `echo two; ${reads}` }));
  expect([first.log, second.log]).toEqual([
    expect.stringContaining(`one\n${read}`),
    expect.stringContaining(`two\n${read}`),
  ]);
  expect(host.npm()).toEqual([
    'ci --prefer-offline --no-audit --no-fund --ignore-scripts',
    'rebuild -- part',
    'rebuild -- part',
  ]);
});

test('another lock file or manifest is another install', async () => {
  const host = await startHost();
  await host.run(await commit({ 'test.sh': '' }));
  await host.run(await commit({ 'test.sh': '' }, { manifest: { description: 'another' } }));
  expect([installs(host), host.kept().length]).toEqual([2, 2]);
});

test('slots that need the same packages at the same time wait for one install', async () => {
  const host = await startHost({ count: 2 });
  const source = await commit({ 'test.sh': reads });
  const jobs = [host.grant(source), host.grant(source)];
  for (const job of jobs) expect(await host.started.server.verdict(job)).toMatchObject({ verdict: 'passed' });
  expect(installs(host)).toBe(1);
});

test('packages that a test rewrites are its own', async () => {
  const host = await startHost();
  await host.run(
    await commit({ 'test.sh': 'echo changed > node_modules/left/text; rm -r node_modules/.bin' }),
  );
  expect((await host.run(await commit({ 'test.sh': reads }))).log).toContain(read);
  expect(installs(host)).toBe(1);
});

test('kept packages that a test has changed are made anew', async () => {
  const host = await startHost();
  const text = '"$HOME"/.qgjob/agent/.cache/packages/*/tree/node_modules/left';
  const script = `set -e; cd ${text}; touch -r text old; echo changed > text; touch -r old text; rm old`;
  expect(await host.run(await commit({ 'test.sh': script }))).toMatchObject({ verdict: 'passed' });
  expect((await host.run(await commit({ 'test.sh': reads }))).log).toContain(read);
  expect([installs(host), host.kept().length]).toEqual([2, 1]);
});

const isRoot = process.getuid?.() === 0;

test.skipIf(!isRoot)('tests that run as another user get packages that are theirs', async () => {
  const visible = [join(import.meta.dirname, '../..'), dirname(process.execPath)];
  const host = await startHost({
    settings: { isolation: 'namespace', isolation_visible: visible },
    isOpen: true,
  });
  const writes = 'id -un; echo more >> node_modules/left/text; mkdir node_modules/.cache';
  for (const _ of [1, 2]) {
    const { verdict, log } = await host.run(await commit({ 'test.sh': `set -e; ${reads}; ${writes}` }));
    expect([verdict, log]).toEqual(['passed', expect.stringContaining(`${read}nobody`)]);
  }
  expect(installs(host)).toBe(1);
});

test('scripts of packages and of the suite run for each lease, in its folder, in the order of npm ci', async () => {
  const host = await startHost();
  const note = (what: string) => `echo ${what} of $(cat "$INIT_CWD/commit") >> "$INIT_CWD/order"`;
  const events = ['preinstall', 'install', 'postinstall'];
  const options = {
    scripts: Object.fromEntries(events.map((event) => [event, note(`left ${event}`)])),
    ownScripts: Object.fromEntries(
      [...events, 'prepare', 'postprepare'].map((event) => [event, note(event)]),
    ),
  };
  const order = (name: string) =>
    ['left preinstall', 'left install', 'left postinstall', ...events, 'prepare', 'postprepare']
      .map((event) => `${event} of ${name}\n`)
      .join('');
  for (const name of ['one', 'two']) {
    const { log } = await host.run(await commit({ commit: name, 'test.sh': 'cat order' }, options));
    expect(log).toContain(order(name));
  }
  expect(installs(host)).toBe(1);
});

test('kept packages are the same files as those of npm ci itself', async () => {
  const list =
    'find . -name node_modules -prune | sort; cd node_modules; find . | sort; find . -type f | sort | xargs cksum; find . -type l | sort | xargs ls -l | sed "s/.* [.]/./"; ls -l left/left.sh | cut -c1-10';
  const source = await commit({ 'test.sh': list }, { scripts: { postinstall: 'echo made > made' } });
  const plain = await startHost({ settings: { setup: ['npm', 'ci', '--no-audit', '--no-fund'] } });
  const listed = async (on: Host) =>
    (await on.run(source)).log.split('\n').filter((line) => !/^\[qgjob\]/.test(line));
  const files = await listed(plain);
  expect(files).toContain('./left/made');
  const host = await startHost();
  for (const _ of [1, 2]) expect(await listed(host)).toEqual(files);
  expect([installs(plain), installs(host)]).toEqual([1, 1]);
});

test('a set-up that fails is rejected with what npm ci itself says, and nothing is kept', async () => {
  const host = await startHost();
  const source = await commit({ 'test.sh': '' }, { hash: 'of another package' });
  for (const _ of [1, 2]) {
    const { error } = await host.run(source);
    expect(error).toMatch(/^the set-up \(npm ci [^)]*no-fund\) exited with 1:[\s\S]*EINTEGRITY/);
  }
  expect(host.kept()).toEqual([]);
});

test('a script that fails is rejected with its last lines', async () => {
  const host = await startHost();
  const { error } = await host.run(
    await commit({ 'test.sh': '' }, { ownScripts: { postinstall: 'echo out of paint; exit 3' } }),
  );
  expect(error).toMatch(/^the set-up \(npm ci [^)]*no-fund\) exited with 3:[\s\S]*out of paint/);
});

test('a set-up that is broken off leaves nothing', async () => {
  const host = await startHost();
  writeFileSync(host.hold, '');
  host.grant(await commit({ 'test.sh': '' }));
  await untilFile(host.begun);
  expect(await host.started.stop()).toBe(0);
  expect(host.kept()).toEqual([]);
  expect(host.started.server.story).toEqual(['getLeaseSource', 'releaseLease']);
});
