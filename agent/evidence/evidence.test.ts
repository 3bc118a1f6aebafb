import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { limits } from '../../protocol/limits.ts';
import { createMasks } from '../logs/masks.ts';
import { makeWorkspace, untilTrue } from '../test-support/host.ts';
import { leasedJob, leaseOf } from '../test-support/leases.ts';
import { hastyLadder, startTestAgent, type TestAgent } from '../test-support/start-agent.ts';
import { attemptLimits, chooseFiles } from './choose-files.ts';
import { findFiles } from './find-files.ts';
import { openFile } from './open-file.ts';

const files = {
  'a.sh': 'cd "$QGJOB_ARTIFACTS" && mkdir -p shots && echo one > shots/1.png && echo two > notes.txt',
  'fails.sh': 'echo why > "$QGJOB_ARTIFACTS/why.txt"; exit 1',
  'hangs.sh': 'echo begun > "$QGJOB_ARTIFACTS/begun.txt"; echo ready; while :; do sleep 0.02; done',
  'next.sh': 'exit 0',
};

/** The folders of leases that are on the disk. */
const leaseFolders = ({ agent }: TestAgent): string[] =>
  readdirSync(join(agent.config.dataDir, 'rack-1', String(process.pid)));

const untilCleared = (started: TestAgent): Promise<void> =>
  untilTrue(() => leaseFolders(started).length === 0);

test('the files of an attempt are uploaded under their names, and then the folder is removed', async () => {
  const started = await startTestAgent({ files });
  const { server } = started;
  server.grant(leaseOf([leasedJob('a.sh', { next_attempt: 3 })]));
  await server.verdict('job_a_sh');
  await untilCleared(started);
  expect(server.artifacts.of('job_a_sh')).toEqual({ 'notes.txt': 'two\n', 'shots/1.png': 'one\n' });
  for (const { query } of server.callsOf('uploadArtifact')) expect(query.get('attempt')).toBe('3');
  expect(server.logOf('job_a_sh')).not.toContain('left out');
});

test('no verdict and no next test waits for an upload, but the folder does', async () => {
  const started = await startTestAgent({ files });
  const { server } = started;
  const release = server.hold('uploadArtifact');
  server.grant(leaseOf(['a.sh', 'fails.sh']));
  server.grant(leaseOf(['next.sh']));
  expect(await server.verdict('job_a_sh')).toMatchObject({ verdict: 'passed' });
  expect(await server.verdict('job_fails_sh')).toMatchObject({ verdict: 'failed' });
  expect(await server.verdict('job_next_sh')).toMatchObject({ verdict: 'passed' });
  expect(server.artifacts.of('job_a_sh')).toEqual({});
  expect(leaseFolders(started).length).toBeGreaterThan(0);
  release();
  await untilCleared(started);
  expect(server.artifacts.of('job_a_sh')).toHaveProperty('notes.txt');
  expect(server.artifacts.of('job_fails_sh')).toEqual({ 'why.txt': 'why\n' });
});

test.each([
  ['timed out', { timeout_ms: 2000 }, { error_class: 'timeout' }],
  ['cancelled', {}, { verdict: 'cancelled' }],
])('what a test left that was %s is kept', async (how, more, verdict) => {
  const { server } = await startTestAgent({ files, timing: { ladder: hastyLadder } });
  server.grant(leaseOf([leasedJob('hangs.sh', more)]));
  if (how === 'cancelled') {
    await server.until(() => server.logOf('job_hangs_sh').includes('ready'));
    server.giveNews({ cancel: 'job_hangs_sh' });
  }
  expect(await server.verdict('job_hangs_sh')).toMatchObject(verdict);
  await server.until(() => 'begun.txt' in server.artifacts.of('job_hangs_sh'));
});

test('what a test left whose lease was taken back is kept as evidence', async () => {
  const { server } = await startTestAgent({ files, timing: { ladder: hastyLadder } });
  server.grant(leaseOf(['hangs.sh']));
  await server.until(() => server.logOf('job_hangs_sh').includes('ready'));
  server.giveNews({ lost: [...server.granted.keys()][0] ?? '' });
  await server.until(() => 'begun.txt' in server.artifacts.of('job_hangs_sh'));
  expect(server.verdictOf('job_hangs_sh')).toBeUndefined();
});

const secret = 'hunter22-and-more';

test('secrets are masked in files and in names, also over the edges of pieces; in a binary nothing moves', async () => {
  const text = `password: ${secret}\\n`;
  const { server } = await startTestAgent({
    redact: [secret],
    files: {
      'a.sh': `cd "$QGJOB_ARTIFACTS"
        printf '${text}' > a.log
        { head -c 65530 /dev/zero | tr '\\0' x; printf '${text}'; } > edge.txt
        printf '\\0${text}' > a.bin
        printf 'x' > 'of ${secret}.txt'`,
    },
  });
  server.grant(leaseOf(['a.sh']));
  await server.until(() => Object.keys(server.artifacts.of('job_a_sh')).length === 4);
  const made = server.artifacts.of('job_a_sh');
  expect(made['a.log']).toBe('password: [redacted]\n');
  expect(made['edge.txt']).toBe(`${'x'.repeat(65_530)}password: [redacted]\n`);
  expect(made['a.bin']).toBe(`\0password: ${'x'.repeat(secret.length)}\n`);
  expect(made['of [redacted].txt']).toBe('x');
});

test('links and pipes are left out, which the log says, and nothing behind a link is sent', async () => {
  const { server, lines } = await startTestAgent({
    files: {
      'secret/id_rsa': 'of the host',
      'a.sh': `from=$PWD; cd "$QGJOB_ARTIFACTS"
        ln -s "$from/secret" folder; ln -s "$from/secret/id_rsa" key; ln -s . loop; mkfifo pipe
        echo fine > fine.txt`,
    },
  });
  server.grant(leaseOf(['a.sh']));
  await server.until(() => server.logOf('job_a_sh').includes('left out'));
  expect(server.artifacts.of('job_a_sh')).toEqual({ 'fine.txt': 'fine\n' });
  const words = 'left out of the artifacts: folder, key, loop (a link); pipe (no plain file)';
  expect(server.logOf('job_a_sh').split('\n').at(-2)).toBe(`[qgjob] ${words}`);
  expect(lines).toContain(`a.sh: ${words}`);
});

test.each([
  ['a link in the place of the file', 'a/b.txt'],
  ['a link in the place of its folder', 'a'],
])('%s, put there after it was found, sends no other file of the host', async (_what, replaced) => {
  const root = makeWorkspace({ 'x/a/b.txt': 'own', 'host/b.txt': 'of the host' });
  const folder = join(root, 'x');
  const { files: found } = await findFiles(folder);
  rmSync(join(folder, replaced), { recursive: true });
  symlinkSync(join(root, replaced === 'a' ? 'host' : 'host/b.txt'), join(folder, replaced));
  expect(found.map(({ name }) => name)).toEqual(['a/b.txt']);
  for (const file of found) {
    await expect(openFile(folder, file, createMasks([]))).rejects.toThrow(/ELOOP|outside of the folder/);
  }
});

test('an upload whose answer was lost, and one that met an outage, are sent again', async () => {
  const { server } = await startTestAgent({
    files,
    prepare: (fake) => {
      fake.loseAnswer('uploadArtifact');
      fake.refuse('uploadArtifact', 'unavailable', { times: 2 });
    },
  });
  server.grant(leaseOf(['a.sh']));
  await server.until(() => Object.keys(server.artifacts.of('job_a_sh')).length === 2);
  expect(server.callsOf('uploadArtifact').length).toBeGreaterThan(2);
});

test.each(['too_large', 'conflict'] as const)(
  'a file that the server refuses as %s is left out alone',
  async (code) => {
    const started = await startTestAgent({ files, prepare: (fake) => fake.refuse('uploadArtifact', code) });
    const { server } = started;
    server.grant(leaseOf(['a.sh']));
    expect(await server.verdict('job_a_sh')).toMatchObject({ verdict: 'passed' });
    await untilCleared(started);
    expect(Object.keys(server.artifacts.of('job_a_sh'))).toHaveLength(1);
    expect(server.logOf('job_a_sh')).toContain(`(${code})`);
    expect(server.callsOf('uploadArtifact')).toHaveLength(2);
  },
);

test('a server that takes nothing more of the attempt is not asked for each of its files', async () => {
  const many = 'cd "$QGJOB_ARTIFACTS"; for n in $(seq 60); do echo $n > $n.txt; done';
  const started = await startTestAgent({
    files: { 'a.sh': many },
    prepare: (fake) => fake.refuse('uploadArtifact', 'lease_lost', { times: 60 }),
  });
  const { server } = started;
  server.grant(leaseOf(['a.sh']));
  await server.verdict('job_a_sh');
  await untilCleared(started);
  expect(server.callsOf('uploadArtifact').length).toBeLessThan(10);
  expect(server.logOf('job_a_sh')).toMatch(/left out of the artifacts: .* and 55 more \(lease_lost\)/);
});

test('an agent that ends waits for its uploads', async () => {
  const { server, stop } = await startTestAgent({ files });
  const release = server.hold('uploadArtifact');
  server.grant(leaseOf(['a.sh']));
  await server.until(() => server.callsOf('uploadArtifact').length > 0);
  const ended = stop();
  release();
  expect(await ended).toBe(0);
  expect(Object.keys(server.artifacts.of('job_a_sh'))).toHaveLength(2);
});

test('but only for a while, and says what it leaves', async () => {
  const { server, stop, lines } = await startTestAgent({ files, timing: { leaveEvidenceMs: 20 } });
  server.hold('uploadArtifact');
  server.grant(leaseOf(['a.sh']));
  await server.until(() => server.callsOf('uploadArtifact').length > 0);
  expect(await stop()).toBe(0);
  expect(lines).toContain('artifacts that are not uploaded: 2, 1 KiB; the agent ends');
});

test('an upload on which nothing goes on is begun anew', async () => {
  const { server } = await startTestAgent({ files, timing: { stallMs: 50 } });
  const release = server.hold('uploadArtifact');
  server.grant(leaseOf(['a.sh']));
  await server.until(() => server.callsOf('uploadArtifact').length > 2);
  release();
  await server.until(() => Object.keys(server.artifacts.of('job_a_sh')).length === 2);
});

test('of too many files, or too large ones, those that come first by name are chosen, the HTML report last', async () => {
  const root = makeWorkspace({ 'x/b.txt': '12345', 'x/c.txt': '1', 'x/playwright-report/a.html': '1' });
  mkdirSync(join(root, 'x/a'));
  writeFileSync(join(root, 'x/a/large.bin'), Buffer.alloc(100));
  const found = await findFiles(join(root, 'x'));
  const choose = async (most: Partial<typeof attemptLimits>) =>
    chooseFiles(found, { ...attemptLimits, ...most });
  const namesOf = ({ files: chosen }: Awaited<ReturnType<typeof choose>>) => chosen.map(({ name }) => name);
  const all = ['a/large.bin', 'b.txt', 'c.txt', 'playwright-report/a.html'];
  expect(namesOf(await choose({}))).toEqual(all);
  const few = await choose({ files: 2 });
  expect(namesOf(few)).toEqual(all.slice(0, 2));
  expect(few.leftOut.map(({ why }) => why)).toEqual(['more than 2 files', 'more than 2 files']);
  const small = await choose({ bytes: 6, fileBytes: 50 });
  expect(namesOf(small)).toEqual(['b.txt', 'c.txt']);
  expect(small.leftOut).toEqual([
    { name: 'a/large.bin', why: 'larger than 0 MiB' },
    { name: 'playwright-report/a.html', why: 'more than 0 MiB together' },
  ]);
  expect(attemptLimits.files).toBe(limits.artifactsPerJob);
});

test('a folder is looked at up to a number of entries', async () => {
  const root = makeWorkspace({ 'x/1': '', 'x/2': '', 'x/3': '', 'x/4': '' });
  const { files: some, leftOut } = await findFiles(join(root, 'x'), 3);
  expect(some).toHaveLength(3);
  expect(leftOut).toEqual([{ name: '.', why: 'what lies behind the first 3 entries' }]);
});

test('a folder that is gone has no files', async () => {
  expect(await findFiles('/nowhere/at/all')).toMatchObject({ files: [], leftOut: [] });
});
