import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readJunitFile } from '../../agent/reports/read-junit.ts';
import { inFolder, readVerdictOfFile } from '../../agent/test-support/read-verdict.ts';

const green = '<testsuite name="s"><testcase name="a"/></testsuite>';

const makeFifo = (path: string): unknown => execFileSync('sh', ['-c', 'mkfifo "$0"', path]);

/** Puts something at `path`; `folder` is the attempt's folder, `outside` another one. */
type Put = (path: string, folder: string, outside: string) => Promise<unknown> | unknown;

const kinds: [what: string, put: Put, why: RegExp][] = [
  ['a folder', (path) => mkdir(path), /it is a folder, no file/],
  [
    'a folder of reports',
    async (path) => {
      await mkdir(path);
      await writeFile(join(path, 'TEST-a.xml'), green);
    },
    /a folder/,
  ],
  ['a FIFO that nobody writes to', makeFifo, /it is a FIFO, no file/],
  [
    'a link to a FIFO',
    async (path, folder) => {
      makeFifo(join(folder, 'f'));
      await symlink('f', path);
    },
    /a FIFO/,
  ],
  ['a link to nothing', (path) => symlink('none.xml', path), /a link to nothing/],
  ['a link to itself', (path) => symlink(path, path), /round in a circle/],
  [
    'links that lead in a circle',
    async (path, folder) => {
      await symlink(path, join(folder, 'b'));
      await symlink('b', path);
    },
    /in a circle/,
  ],
  ['a link to a device', (path) => symlink('/dev/zero', path), /out of its folder/],
  [
    'a link to a folder',
    async (path, folder) => {
      await mkdir(join(folder, 'd'));
      await symlink('d', path);
    },
    /a folder/,
  ],
  [
    'a link to a file elsewhere',
    async (path, _folder, outside) => {
      await writeFile(join(outside, 'r.xml'), green);
      await symlink(join(outside, 'r.xml'), path);
    },
    /a link that leads out of its folder/,
  ],
  [
    'a link to a file in a folder whose name begins like its own',
    async (path, folder) => {
      await mkdir(`${folder}2`);
      await writeFile(`${folder}2/r.xml`, green);
      await symlink(`${folder}2/r.xml`, path);
    },
    /out of its folder/,
  ],
];

test.each(kinds)('%s where the report should be is no report, and never green', async (_what, put, why) => {
  await inFolder(async (top) => {
    const folder = join(top, 'attempt');
    await mkdir(folder);
    await mkdir(join(top, 'outside'));
    const path = join(folder, 'report');
    await put(path, folder, join(top, 'outside'));
    const { verdict, result } = await readVerdictOfFile(path);
    expect(verdict).toBe('report_error');
    expect(result.error).toMatch(why);
  });
});

test('a socket is named as one', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 's');
    const server = createServer().listen(path);
    await new Promise((resolve) => server.once('listening', resolve));
    expect((await readVerdictOfFile(path)).result.error).toMatch(/it is a socket, no file/);
    await new Promise((resolve) => server.close(resolve));
  });
});

test('a folder that is now a file is reported', async () => {
  await inFolder(async (folder) => {
    await writeFile(join(folder, 'f'), '');
    expect((await readVerdictOfFile(join(folder, 'f/report.xml'))).result.error).toMatch(
      /cannot be opened \(ENOTDIR\)/,
    );
  });
});

test('a link to a file beside it is read', async () => {
  await inFolder(async (folder) => {
    await mkdir(join(folder, 'artifacts'));
    await writeFile(join(folder, 'artifacts/r.xml'), green);
    await symlink('artifacts/r.xml', join(folder, 'junit.xml'));
    expect((await readVerdictOfFile(join(folder, 'junit.xml'))).verdict).toBe('passed');
  });
});

test('no file is no report', async () => {
  await inFolder(async (folder) => {
    expect(await readJunitFile(join(folder, 'junit.xml'), {})).toBeUndefined();
    expect(await readJunitFile(join(folder, 'none/junit.xml'), {})).toBeUndefined();
  });
});
