import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LadderTiming, longestTimerMs } from '../timing.ts';
import { lowerPriority, markerName, signalGroup, sweepMarker } from './processes.ts';
import { readInTurns } from './read-in-turns.ts';
import { climbLadder, rungsFor, type StopReason } from './signal-ladder.ts';

/** What to run. There is no shell: each item of `argv` is one word to the program, whatever is in it. */
export interface Command {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The whole environment of the child. */
  readonly env: Readonly<Record<string, string>>;
}

export type OutputStream = 'stdout' | 'stderr';

/** What is around a child: how it and all that it starts are kept together. */
export interface Enclosure {
  /** The command lowers its own priority. */
  readonly isLowered: boolean;
  /** Called with the pid, once it runs. */
  started(pid: number): void;
  /** Ends all that is left. Never throws; a second call does no harm. */
  end(): Promise<void>;
  /** Why the program inside was never begun; undefined where it was. Asked when all has ended. */
  whyNotBegun(): string | undefined;
}

export interface ChildOptions {
  readonly enclosure?: Enclosure | undefined;
  readonly onOutput: (bytes: Buffer, stream: OutputStream) => void;
  readonly timeoutMs: number;
  /** Aborts with a StopReason as its reason: the child is stopped by the ladder. */
  readonly stop: AbortSignal;
  /** Aborts: SIGKILL at once. */
  readonly kill: AbortSignal;
  /** The signal at which the program writes its report and ends. */
  readonly ownSignal: NodeJS.Signals;
  readonly ladder: LadderTiming;
  /** The path by which processes that descend from the child are found; each child adds a name of its own to it. */
  readonly marker: string;
}

export interface ChildEnd {
  /** Null when a signal ended it, or when it never started. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Set when we ended it. */
  readonly stopped?: StopReason | undefined;
  /** Set when it could not be started. */
  readonly failure?: string | undefined;
  readonly durationMs: number;
}

/**
 * Runs a program in a process group of its own until its output is closed, and leaves no process of it behind. How it
 * ended is a value: nothing that the program does makes this throw.
 */
export async function runChild(command: Command, options: ChildOptions): Promise<ChildEnd> {
  const started = performance.now();
  const marker = `${options.marker}/${randomUUID()}`;
  const { enclosure } = options;
  const child = start(command, marker, enclosure);
  if (typeof child === 'string') {
    await enclosure?.end();
    return { code: null, signal: null, failure: child, durationMs: 0 };
  }
  for (const name of ['stdout', 'stderr'] as const)
    if (child[name]) readInTurns(child[name], (bytes) => options.onOutput(bytes, name));
  const watcher = watch(child, options);
  const clear = (): Promise<unknown> => killRest(child, marker, enclosure);
  child.once('exit', () => void letGo(child, options.ladder.lingerMs, clear));
  const end = await ended(child);
  watcher.release();
  await clear();
  const stopped = watcher.reason();
  const failure = end.failure ?? (stopped === undefined ? enclosure?.whyNotBegun() : undefined);
  return { ...end, failure, stopped, durationMs: Math.round(performance.now() - started) };
}

function start(
  { argv, cwd, env }: Command,
  marker: string,
  enclosure: Enclosure | undefined,
): ChildProcess | string {
  const [file = '', ...rest] = argv;
  try {
    const child = spawn(file, rest, {
      cwd,
      env: { ...env, [markerName]: marker },
      detached: true,
      shell: false,
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (child.pid !== undefined) enclosure?.started(child.pid);
    if (child.pid !== undefined && !enclosure?.isLowered) lowerPriority(child.pid);
    return child;
  } catch (error) {
    return `cannot start ${file}: ${(error as Error).message}`;
  }
}

/** Stops the child at the timeout, at `stop` and at `kill`; the first reason counts. */
function watch(
  child: ChildProcess,
  options: ChildOptions,
): { reason(): StopReason | undefined; release(): void } {
  const gone = new AbortController();
  let reason: StopReason | undefined;
  const halt = (why: StopReason): void => {
    if (reason !== undefined || child.pid === undefined) return;
    reason = why;
    void climbLadder(child.pid, rungsFor(why, options.ownSignal, options.ladder), gone.signal);
  };
  const onStop = () => halt(options.stop.reason as StopReason);
  const onKill = () => {
    reason ??= 'interrupted';
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
  };
  const timer = setTimeout(() => halt('timeout'), Math.min(options.timeoutMs, longestTimerMs));
  const release = (): void => {
    clearTimeout(timer);
    gone.abort();
    options.stop.removeEventListener('abort', onStop);
    options.kill.removeEventListener('abort', onKill);
  };
  // A child that ended by itself was not stopped, even when a signal comes while its output is still read.
  child.once('exit', release);
  options.stop.addEventListener('abort', onStop);
  options.kill.addEventListener('abort', onKill);
  if (options.kill.aborted) onKill();
  else if (options.stop.aborted) onStop();
  return { reason: () => reason, release };
}

type End = Pick<ChildEnd, 'code' | 'signal' | 'failure'>;

/** Resolves when the output is closed: the last output of a child may come after its exit. */
function ended(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, failure: whyNot(child, error) });
    });
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

/**
 * A grandchild that leaves the output open must not delay the verdict: after a while it is killed, then the output is
 * closed here. Where the child was killed with its group, no last output is waited for.
 */
async function letGo(child: ChildProcess, lingerMs: number, clear: () => Promise<unknown>): Promise<void> {
  const closed = new AbortController();
  child.once('close', () => closed.abort());
  const linger = () => sleep(lingerMs, undefined, { signal: closed.signal }).catch(() => undefined);
  if (child.signalCode !== 'SIGKILL') await linger();
  if (closed.signal.aborted) return;
  await clear();
  await linger();
  if (!closed.signal.aborted) hangUp(child);
}

/** Kills what descends from the child: its group, and the processes that have left the group. */
async function killRest(
  { pid }: ChildProcess,
  marker: string,
  enclosure: Enclosure | undefined,
): Promise<void> {
  if (pid !== undefined) {
    signalGroup(pid, 'SIGKILL');
    await sweepMarker(marker);
  }
  await enclosure?.end();
}

function hangUp(child: ChildProcess): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
}

function whyNot(child: ChildProcess, error: NodeJS.ErrnoException): string {
  const file = child.spawnfile;
  return error.code === 'ENOENT'
    ? `cannot start ${file}: it is not there (or its folder is not)`
    : `cannot start ${file}: ${error.message}`;
}
