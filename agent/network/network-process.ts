import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Its only work is to be there: a network lasts as long as a process in it. It ends with the agent, whose end closes its input. */
const script = 'ip link set lo up && echo up && exec cat > /dev/null';

/** Who makes a network. */
export interface NetworkMaker {
  /** Undefined where root runs the agent; else the user and group that programs keep inside. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
  readonly path: string;
}

/** Keeps a network namespace. */
export class NetworkProcess {
  /** The words before those of a program that is to run in the network. */
  readonly words: readonly string[];
  readonly ended: Promise<unknown>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, words: readonly string[]) {
    this.#child = child;
    this.words = words;
    this.ended = once(child, 'exit');
  }

  /** Resolves when the network is up. Throws with the reason, on one line, where the host does not allow it. */
  static async start({ user, path }: NetworkMaker): Promise<NetworkProcess> {
    const own = user === undefined ? [] : ['--user', '--map-root-user'];
    const child = spawn('unshare', [...own, '--net', '/bin/sh', '-c', script], {
      env: { PATH: path },
      // A signal from the agent's terminal is not for it: programs may still use the network.
      detached: true,
      stdio: 'pipe',
    });
    let failure = '';
    child.stderr.on('data', (bytes: Buffer) => {
      failure += bytes.toString();
    });
    const isUp = once(child.stdout, 'data').then(
      () => true,
      () => false,
    );
    const isGone = once(child, 'close').then(
      () => false,
      (error: Error) => {
        failure ||= error.message;
        return false;
      },
    );
    if (await Promise.race([isUp, isGone])) return new NetworkProcess(child, wordsFor(child.pid ?? 0, user));
    throw new Error(failure.trim().split('\n').at(-1) || 'unshare ended without a word');
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Outside of root's agent a network belongs to a user namespace; a program in it gets its usual user back. */
function wordsFor(pid: number, user: NetworkMaker['user']): string[] {
  const enter = ['nsenter', `--net=/proc/${pid}/ns/net`];
  if (user === undefined) return [...enter, '--'];
  return [
    ...[...enter, `--user=/proc/${pid}/ns/user`, '--preserve-credentials', '--'],
    ...['unshare', '--user', `--map-user=${user.uid}`, `--map-group=${user.gid}`, '--'],
  ];
}
