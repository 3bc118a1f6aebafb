import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface Request {
  readonly method: string;
  readonly args: readonly unknown[];
}

export type Reply = { readonly ms: number; readonly result: unknown } | { readonly error: string };

/** Result of a call, and how long it took inside the child, ms. */
export interface Timed<T> {
  readonly ms: number;
  readonly result: T;
}

type Verb = (...args: never[]) => Promise<unknown>;
type VerbOf<T> = { [K in keyof T]: T[K] extends Verb ? K : never }[keyof T] & string;
type Verbs<T> = { [K in VerbOf<T>]: T[K] extends Verb ? T[K] : never };

/** An object opened in a child process. */
export interface Child<T> {
  readonly about: T extends { about: infer A } ? A : undefined;
  readonly pid: number;
  call<K extends VerbOf<T>>(
    method: K,
    ...args: Parameters<Verbs<T>[K]>
  ): Promise<Timed<Awaited<ReturnType<Verbs<T>[K]>>>>;
  /** Ends the process and its servers. */
  end(): Promise<void>;
}

const graceMs = 20_000;
const living = new Set<ChildProcess>();

/** What a child process gets besides its module and its folder. */
interface ChildOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Which of the sides of its module it opens. */
  readonly variant?: string | undefined;
}

/** Opens the default export of `module` in a child process, in the folder `dir`. */
export async function openChild<T>(
  module: string,
  dir: string,
  { env, variant }: ChildOptions = {},
): Promise<Child<T>> {
  // A process group of its own, so that its servers end with it in every case.
  const child = fork(
    join(import.meta.dirname, 'serve-side.ts'),
    [module, dir, ...(variant === undefined ? [] : [variant])],
    {
      detached: true,
      env: { ...process.env, ...env },
      serialization: 'advanced',
    },
  );
  living.add(child);
  child.once('exit', () => {
    living.delete(child);
    killGroup(child);
  });
  const { result: about } = await nextReply(child, module);
  return {
    about: about as Child<T>['about'],
    pid: child.pid ?? 0,
    async call(method, ...args) {
      child.send({ method, args } satisfies Request);
      return (await nextReply(child, `${module} ${method}`)) as never;
    },
    end: () => endChild(child),
  };
}

/**
 * The next reply answers the current call, since there is one call at a time. Rejects with the child's error, or when
 * it ends.
 */
async function nextReply(child: ChildProcess, what: string): Promise<Timed<unknown>> {
  const over = new AbortController();
  const ended = once(child, 'exit', { signal: over.signal }).then(([code, signal]) => {
    throw new Error(`${what}: its process ended with ${code ?? signal}`);
  });
  ended.catch(() => undefined);
  try {
    const [reply] = (await Promise.race([once(child, 'message', { signal: over.signal }), ended])) as [Reply];
    if ('error' in reply) throw new Error(`${what}: ${reply.error}`);
    return reply;
  } finally {
    over.abort();
  }
}

async function endChild(child: ChildProcess): Promise<void> {
  if (!living.has(child)) return;
  const ended = once(child, 'exit');
  if (child.connected) child.disconnect();
  const force = setTimeout(() => killGroup(child), graceMs);
  await ended;
  clearTimeout(force);
}

/** Kills all that still run, for an interrupt; nothing of them is needed any more. */
export const killChildren = (): void => living.forEach(killGroup);

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The process group has ended already.
  }
}
