import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { untilFile } from '../test-support/host.ts';
import { asNobody, commit, type Host, startHost } from '../test-support/packages-host.ts';

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

test('what npm needed to make them is gone before a test runs, and was never in the folder of its lease', async () => {
  const host = await startHost();
  // The test code lies in the folder of the lease.
  const { log } = await host.run(await commit({ 'test.sh': 'ls .. ../../aside; echo looked' }));
  expect(installs(host)).toBe(1);
  expect(log).toMatch(/^\.\.:\n[\s\S]*^looked\n/m);
  expect(log).not.toContain('apart-');
  expect(host.places()).toEqual([expect.stringMatching(/\/aside\/apart-/)]);
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
  const host = await startHost(asNobody);
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
