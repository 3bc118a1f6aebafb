import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace, untilFile, untilGone, untilTrue } from '../test-support/host.ts';
import { type ChildEnd, type ChildOptions, runChild } from './run-child.ts';
import type { StopReason } from './signal-ladder.ts';

/** Long waits, for a busy host; tests of children that ignore signals use `hasty`. */
const ladder = { ownMs: 60_000, termMs: 60_000, lingerMs: 200 };
const hasty = { ...ladder, ownMs: 100 };
const env = { PATH: '/usr/bin:/bin' };

interface Started {
  readonly end: Promise<ChildEnd>;
  readonly cwd: string;
  output(): string;
  /** Resolves once the output contains this word. */
  says(word: string): Promise<void>;
  stop(reason: StopReason): void;
  kill(): void;
}

/** A shell script as a child. */
function run(script: string, options: Partial<ChildOptions> = {}, argv = ['sh', '-c', script]): Started {
  const stop = new AbortController();
  const kill = new AbortController();
  const cwd = makeWorkspace();
  let output = '';
  const waiting: [word: string, resolve: () => void][] = [];
  const end = runChild(
    { argv, cwd, env },
    {
      onOutput: (bytes) => {
        output += bytes.toString();
        for (const [word, resolve] of waiting) if (output.includes(word)) resolve();
      },
      timeoutMs: 60_000,
      stop: stop.signal,
      kill: kill.signal,
      ownSignal: 'SIGINT',
      ladder,
      marker: cwd,
      ...options,
    },
  );
  return {
    end,
    cwd,
    output: () => output,
    says: (word) => new Promise((resolve) => void waiting.push([word, resolve])),
    stop: (reason) => stop.abort(reason),
    kill: () => kill.abort(),
  };
}

test('the exit code and both outputs come back', async () => {
  const child = run('echo out; echo err >&2; exit 3');
  expect(await child.end).toMatchObject({ code: 3, signal: null, stopped: undefined });
  expect(child.output()).toContain('out\n');
  expect(child.output()).toContain('err\n');
});

test('an item of argv is one word, whatever is in it', async () => {
  const words = ['a b', '$HOME', '*', '; exit 9', ''];
  const child = run('', {}, ['sh', '-c', 'printf "<%s>" "$@"', 'sh', ...words]);
  await child.end;
  expect(child.output()).toBe(words.map((word) => `<${word}>`).join(''));
});

test('nothing of this process but what is given is in the environment', async () => {
  const child = run('env');
  await child.end;
  const names = child
    .output()
    .split('\n')
    .map((line) => line.split('=')[0])
    .filter((name) => name !== '' && !['PWD', 'SHLVL', '_', 'OLDPWD'].includes(name ?? ''));
  expect(names.sort()).toEqual(['PATH', 'QGJOB_CHILD']);
});

const failures: [what: string, argv: string[], says: RegExp][] = [
  ['a program that is not there', ['no-such-program'], /cannot start no-such-program: it is not there/],
  ['a program that may not be run', ['/tmp'], /cannot start \/tmp: .*EACCES/],
  ['a word with a NUL', ['sh', 'a\0b'], /cannot start sh: /],
];
test.each(failures)('%s is a failure in words, not a throw', async (_what, argv, says) => {
  const end = await run('', {}, argv).end;
  expect(end).toMatchObject({ code: null, failure: expect.stringMatching(says) });
});

test('a child that obeys its own signal is not sent another', async () => {
  const child = run('trap "echo bye; exit 130" INT; echo ready; while :; do sleep 0.02; done');
  await child.says('ready');
  child.stop('cancelled');
  expect(await child.end).toMatchObject({ code: 130, signal: null, stopped: 'cancelled' });
  expect(child.output()).toContain('bye');
});

test('a child that ignores its own signal gets SIGTERM', async () => {
  const script = 'trap "" INT; trap "echo term; exit 1" TERM; echo ready; while :; do sleep 0.02; done';
  const child = run(script, { ladder: hasty });
  await child.says('ready');
  child.stop('cancelled');
  expect(await child.end).toMatchObject({ code: 1, stopped: 'cancelled' });
  expect(child.output()).toContain('term');
});

test('a child that ignores SIGTERM too is killed', async () => {
  const script = 'trap "" INT TERM; echo ready; while :; do sleep 0.02; done';
  const child = run(script, { ladder: { ...hasty, termMs: 100 } });
  await child.says('ready');
  child.stop('cancelled');
  expect(await child.end).toMatchObject({ code: null, signal: 'SIGKILL', stopped: 'cancelled' });
});

test('a child that runs too long is stopped by the same ladder', async () => {
  const child = run('while :; do sleep 0.02; done', { timeoutMs: 50 });
  expect(await child.end).toMatchObject({ signal: 'SIGINT', stopped: 'timeout' });
});

test('a lost child is not asked to write a report', async () => {
  const child = run('trap "echo int" INT; trap "exit 1" TERM; echo ready; while :; do sleep 0.02; done');
  await child.says('ready');
  child.stop('lost');
  expect(await child.end).toMatchObject({ code: 1, stopped: 'lost' });
  expect(child.output()).not.toContain('int');
});

test('a kill comes at once, also while the ladder is climbed', async () => {
  const child = run('trap "echo int" INT; echo ready; while :; do sleep 0.02; done');
  await child.says('ready');
  child.stop('cancelled');
  await child.says('int');
  child.kill();
  expect(await child.end).toMatchObject({ signal: 'SIGKILL', stopped: 'cancelled' });
});

test('what is stopped before it started does not run to its end', async () => {
  const stopped = AbortSignal.abort('lost');
  expect(await run('sleep 60', { stop: stopped }).end).toMatchObject({ stopped: 'lost' });
  expect(await run('sleep 60', { kill: AbortSignal.abort() }).end).toMatchObject({ stopped: 'interrupted' });
});

test('the whole group is signalled, not the shell alone', async () => {
  const child = run('sh -c \'trap "echo inner; exit" INT; echo ready; while :; do sleep 0.02; done\'; true');
  await child.says('ready');
  child.stop('cancelled');
  await child.end;
  expect(child.output()).toContain('inner');
});

test('a background child that keeps the output open does not hold up the end, and is ended', async () => {
  const child = run('sleep 300 & echo $! > pid; exit 5');
  expect(await child.end).toMatchObject({ code: 5, stopped: undefined });
  await untilGone(readFileSync(join(child.cwd, 'pid'), 'utf8'));
});

test('a child that ended by itself was not stopped, though a signal comes while its output is still open', async () => {
  const child = run('sleep 300 & echo $$ > pid; exit 5');
  await untilFile(join(child.cwd, 'pid'));
  await untilTrue(() => !existsSync(`/proc/${readFileSync(join(child.cwd, 'pid'), 'utf8').trim()}`));
  child.stop('cancelled');
  expect(await child.end).toMatchObject({ code: 5, stopped: undefined });
});

test('a child that left the group by a double fork is found by its marker and ended', async () => {
  const script =
    '(setsid sh -c "echo \\$\\$ > pid; exec sleep 300" &) ; until [ -s pid ]; do sleep 0.01; done';
  const child = run(script);
  expect(await child.end).toMatchObject({ code: 0 });
  await untilGone(readFileSync(join(child.cwd, 'pid'), 'utf8'));
});

test('a child stands behind the agent for the processor', async () => {
  const child = run('echo $$ > pid; echo ready; until [ -e go ]; do sleep 0.02; done');
  await child.says('ready');
  const pid = Number(readFileSync(join(child.cwd, 'pid'), 'utf8'));
  expect(getPriority(pid)).toBe(Math.min(19, getPriority() + 5));
  writeFileSync(join(child.cwd, 'go'), '');
  await child.end;
});

test('fifty megabytes of output arrive whole', async () => {
  let size = 0;
  const end = run('head -c 50000000 /dev/zero', {
    onOutput: (bytes) => {
      size += bytes.length;
    },
  }).end;
  expect([(await end).code, size]).toEqual([0, 50_000_000]);
});
