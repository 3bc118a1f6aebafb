import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../test/support/queue.ts';

/** The measurement with its folders in one of its own, and what it left: words of processes, names of files. */
function measure(...args: readonly string[]) {
  const folder = tempFolder();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'bytes-per-job.ts'), ...args],
    { encoding: 'utf8', env: { ...process.env, TMPDIR: folder } },
  );
  const left = [...readdirSync(folder), ...wordsOfProcesses().filter((words) => words.includes(folder))];
  return { status, stdout, stderr, left };
}

const wordsOfProcesses = (): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8')];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });

test('the bytes of a job are measured, and server and files are gone afterwards', () => {
  expect(measure('--jobs=20')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^20 jobs of 5 cases, runs of 20: \d+ bytes, \d+ a job\n/),
    left: [],
  });
});

test('a measurement that fails leaves no server and no files', () => {
  expect(measure('--jobs=20', '--cases=100000')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('/finish was answered 413'),
    left: [],
  });
});

test('a number of jobs that no whole runs make is refused', () => {
  for (const jobs of ['30', '0', 'many']) {
    expect(measure(`--jobs=${jobs}`)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('--jobs is a multiple of 20'),
    });
  }
});
