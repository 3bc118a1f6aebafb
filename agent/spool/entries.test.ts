import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createAgentClient } from '../../client/agent-client.ts';
import { readConfig } from '../config.ts';
import { makeWorkspace } from '../test-support/host.ts';
import { spoolFolder, type Verdict, writeEntry } from './entry.ts';
import { readSpool } from './resend-spool.ts';

const verdict: Verdict = {
  lease_id: 'lse_00000001',
  token: 'qgj_lse_1',
  job_id: 'job_1',
  test_path: 'a.sh',
  finish: { attempt: 2, verdict: 'failed', error: 'it is 3\nnot 4', duration_ms: 12 },
};
const server = 'http://127.0.0.1:8080';
const log = { offset: 7, bytes: Buffer.from([0, 10, 255, 13, 10]) };
const name = 'lse_00000001-job_1-2.spool';

interface Scene {
  readonly folder: string;
  readonly lines: string[];
  read(): ReturnType<typeof readSpool>;
}

/** A spool with this verdict in it. */
async function openScene(): Promise<Scene> {
  const config = readConfig({ token: 'a-token', name: 'rack-1' }, makeWorkspace(), {});
  const folder = spoolFolder(config);
  await writeEntry(folder, { server, verdict, log });
  const lines: string[] = [];
  const client = createAgentClient({ url: server });
  return { folder, lines, read: () => readSpool({ client, config, say: (line) => lines.push(line) }) };
}

test('what is written is read again, byte by byte', async () => {
  const { folder, lines, read } = await openScene();
  expect(await read()).toEqual([{ path: join(folder, name), server, verdict, log }]);
  expect(readdirSync(folder)).toEqual([name]);
  expect(lines).toEqual([]);
});

test('nobody else may read it', async () => {
  const { folder } = await openScene();
  expect((statSync(folder).mode & 0o777).toString(8)).toBe('700');
  expect((statSync(join(folder, name)).mode & 0o777).toString(8)).toBe('600');
});

test('the same verdict again is one file', async () => {
  const { folder, read } = await openScene();
  await writeEntry(folder, { server, verdict, log: { offset: 12, bytes: Buffer.alloc(0) } });
  expect(await read()).toMatchObject([{ log: { offset: 12 } }]);
});

test('an id leads nowhere but into the folder', async () => {
  const { folder, read } = await openScene();
  await writeEntry(folder, { server, verdict: { ...verdict, job_id: '../../x' }, log });
  expect(await read()).toHaveLength(2);
});

test('a verdict for another server stays for an agent of that one', async () => {
  const { folder, lines, read } = await openScene();
  const other = 'https://qgjob.example.org';
  const path = await writeEntry(folder, { server: other, verdict: { ...verdict, job_id: 'job_2' }, log });
  expect(await read()).toHaveLength(1);
  expect(lines).toEqual([`${path} holds a verdict for ${other} and stays; this agent works for ${server}`]);
  expect(readdirSync(folder)).toHaveLength(2);
});

test('an agent that has never spooled anything finds nothing', async () => {
  const { folder, read } = await openScene();
  rmSync(folder, { recursive: true });
  expect(await read()).toEqual([]);
});

const damages: [what: string, damage: (path: string) => void, why: RegExp][] = [
  ['an empty file', (path) => writeFileSync(path, ''), /it has no first line/],
  ['another file', (path) => writeFileSync(path, 'notes\nof somebody\n'), /JSON/],
  ['a list', (path) => writeFileSync(path, '[]\n'), /its first line is not that of a verdict/],
  ['one of a later version', (path) => edit(path, '"version":2', '"version":3'), /its first line is not/],
  ['one with a verdict of its own', (path) => edit(path, '"failed"', '"great"'), /its first line is not/],
  [
    'one that was cut',
    (path) => writeFileSync(path, readFileSync(path).subarray(0, -1)),
    /4 bytes of log, not 5/,
  ],
  ['one that grew', (path) => writeFileSync(path, 'x', { flag: 'a' }), /6 bytes of log, not 5/],
  ['one under the name of another', (path) => edit(path, 'job_1', 'job_2'), /its name is that of another/],
  ['one that is far too large', (path) => truncateSync(path, 20_000_000), /20000000 bytes/],
  ['a folder', (path) => replace(path, () => mkdirSync(path)), /not a file/],
  ['a link', (path) => replace(path, () => symlinkSync('/etc/hostname', path)), /not a file/],
];

test.each(damages)(
  '%s is set aside with a line that says why, and the others are read',
  async (_what, damage, why) => {
    const { folder, lines, read } = await openScene();
    const path = await writeEntry(folder, { server, verdict: { ...verdict, job_id: 'job_0' }, log });
    damage(join(folder, name));
    expect((await read()).map((entry) => entry.path)).toEqual([path]);
    expect(readdirSync(folder)).toEqual(['lse_00000001-job_0-2.spool', `${name}.damaged`]);
    expect(lines).toEqual([expect.stringMatching(why)]);
    expect(lines[0]).toContain(`it is set aside as ${join(folder, name)}.damaged`);
    expect(await read()).toHaveLength(1);
    expect(lines).toHaveLength(1);
  },
);

function edit(path: string, from: string, to: string): void {
  const text = readFileSync(path, 'latin1');
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to), 'latin1');
}

function replace(path: string, make: () => void): void {
  rmSync(path);
  make();
}

test('the half that a dead process wrote is removed, that of a live one is left to it', async () => {
  const { folder, read } = await openScene();
  const dead = spawnSync('true').pid;
  for (const pid of [dead, process.pid, process.ppid]) writeFileSync(join(folder, `x.spool.${pid}.tmp`), '');
  expect(await read()).toHaveLength(1);
  expect(readdirSync(folder)).toEqual([name, `x.spool.${process.ppid}.tmp`]);
});

test('a disk that does not take it gives an error, and no half of a file stays', async () => {
  const { folder } = await openScene();
  const blocked = join(folder, name);
  rmSync(blocked);
  mkdirSync(join(blocked, 'x'), { recursive: true });
  await expect(writeEntry(folder, { server, verdict, log })).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
  expect(readdirSync(dirname(blocked))).toEqual([name]);
});
