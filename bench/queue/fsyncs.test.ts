import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { attachPerf, sumOf } from './attach-perf.ts';
import { noCounter, perfCounter, whyPerfFails } from './fsyncs.ts';

test('both calls of a report of perf are added, and what it says besides is left out', () => {
  const said = [
    'Events disabled',
    'Events enabled',
    '20,,syscalls:sys_enter_fsync,40296345,100.00,,',
    '100,,syscalls:sys_enter_fdatasync,40296345,100.00,,',
    '',
  ];
  expect(sumOf(said.join('\n'))).toBe(120);
});

test('a call that never came counts as none', () => {
  expect(
    sumOf('<not counted>,,syscalls:sys_enter_fsync,0,100.00,,\n3,,syscalls:sys_enter_fdatasync,1,100.00,,'),
  ).toBe(3);
});

test('where nothing counts, the work is done and its result is given', async () => {
  expect(await noCounter.during(async () => 'done')).toEqual({ result: 'done', fsyncs: undefined });
});

/** Syncs a file once for each byte on its standard input, and answers each with a byte. */
const syncer = `
  const fs = require('node:fs');
  const file = fs.openSync(process.argv[1], 'w');
  process.stdin.on('data', (bytes) => {
    for (const _ of bytes) fs.fsyncSync(file);
    process.stdout.write(bytes);
  });
  process.stdout.write('.');
`;

interface Syncer {
  readonly pid: number;
  sync(): Promise<unknown>;
  end(): Promise<unknown>;
}

async function startSyncer(): Promise<Syncer> {
  const dir = mkdtempSync(join(tmpdir(), 'qgjob-fsyncs-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const child = spawn(process.execPath, ['-e', syncer, join(dir, 'file')]);
  const gone = once(child, 'exit');
  await once(child.stdout, 'data');
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    pid: child.pid ?? 0,
    sync() {
      child.stdin.write('.');
      return once(child.stdout, 'data');
    },
    end() {
      child.kill('SIGKILL');
      return gone;
    },
  };
}

/** The id of a process that has ended. */
async function endedPid(): Promise<number> {
  const child: ChildProcess = spawn('true');
  await once(child, 'exit');
  return child.pid ?? 0;
}

const withPerf = test.skipIf((await whyPerfFails()) !== undefined);

withPerf('the calls of a process are counted, also where another one ends meanwhile', async () => {
  const [one, other] = await Promise.all([startSyncer(), startSyncer()]);
  const counted = await perfCounter([one.pid, other.pid]).during(async () => {
    await other.sync();
    await other.end();
    await one.sync();
    return 'done';
  });
  expect(counted).toEqual({ result: 'done', fsyncs: 2 });
});

withPerf('a process that ended between the listing and the count is left out of a new listing', async () => {
  const one = await startSyncer();
  const lists = [[one.pid, await endedPid()], [one.pid]];
  const counted = await perfCounter([one.pid], () => lists.shift() ?? []).during(() => one.sync());
  expect(counted.fsyncs).toBe(1);
  expect(lists).toEqual([]);
});

withPerf('where listed processes are gone each time, the work is done without a count', async () => {
  const gone = await endedPid();
  expect(await perfCounter([gone]).during(async () => 'done')).toEqual({ result: 'done', fsyncs: undefined });
});

withPerf('a perf that ended before it was asked has no figure', async () => {
  const one = await startSyncer();
  const perf = await attachPerf([one.pid]);
  await one.sync();
  await one.end();
  // With the last of its processes it ends by itself.
  await perf.ended;
  expect(await perf.count()).toBeUndefined();
});
