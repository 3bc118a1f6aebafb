import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { markerName } from '../../children/processes.ts';

/** How a call of adb ended. */
export interface AdbEnd {
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined: it was ended, or never started. */
  readonly code: number | undefined;
  /** It had no end in time. */
  readonly isLate: boolean;
}

export interface AdbOptions {
  readonly timeoutMs: number;
  /** Ends the call. */
  readonly signal?: AbortSignal | undefined;
}

/** What is missing on the host, in words that say what to do. */
export const noAdb =
  "adb is not on this host's PATH: install the Debian package adb, or the Android SDK's platform-tools";

/** For the start of adb's server, where it does not run. */
const startMs = 10_000;
/** adb answers no more for one phone. The bytes of a device's output. */
const mostBytes = 4 * 1024 * 1024;

/**
 * Calls the host's adb. Nothing of adb has a deadline of its own, so each call has one here. The adb server, which adb
 * starts by itself, is shared with everything else on the host: it is never stopped.
 */
export class Adb {
  readonly #env: Readonly<Record<string, string>>;
  readonly #marker: string | undefined;

  /** `marker`: see `DeviceHost`; undefined: nothing is left that a later start would have to end. */
  constructor(env: Readonly<Record<string, string>>, marker?: string) {
    this.#env = env;
    this.#marker = marker;
  }

  /** Throws `noAdb` where there is none. */
  run(words: readonly string[], options: AdbOptions): Promise<AdbEnd> {
    return this.#run(words, this.#env, options);
  }

  /** As `run`, for what must not go on when this agent has been killed. */
  async runMarked(words: readonly string[], options: AdbOptions): Promise<AdbEnd> {
    return this.#run(words, await this.#markedEnv(), options);
  }

  /**
   * Starts a call that goes on until it is ended. It is in a process group of its own: a Ctrl-C on the terminal of the agent
   * is no end of it.
   */
  async open(words: readonly string[]): Promise<ChildProcess> {
    const env = await this.#markedEnv();
    const child = spawn('adb', words, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    // Its end tells all.
    child.on('error', () => undefined);
    return child;
  }

  /** The server of adb, which serves the whole host, must not be started by a marked call: it would end with that mark. */
  async #markedEnv(): Promise<Readonly<Record<string, string>>> {
    if (this.#marker === undefined) return this.#env;
    await this.run(['start-server'], { timeoutMs: startMs });
    await mkdir(this.#marker, { recursive: true, mode: 0o700 });
    return { ...this.#env, [markerName]: `${this.#marker}/adb` };
  }

  #run(
    words: readonly string[],
    env: Readonly<Record<string, string>>,
    { timeoutMs, signal }: AdbOptions,
  ): Promise<AdbEnd> {
    return new Promise((resolve, reject) => {
      const options = {
        env,
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: mostBytes,
        signal,
      } as const;
      execFile('adb', words, options, (error, stdout, stderr) => {
        if (error?.code === 'ENOENT') return reject(new Error(noAdb));
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
        resolve({ stdout, stderr, code, isLate: error?.killed === true && signal?.aborted !== true });
      });
    });
  }

  /**
   * Runs a script in the phone's shell, and answers its output. `late`: it had no end in time. `cut`: it ended before its
   * end, which adb itself does not say (a phone that is gone ends a shell with 0 and no output).
   */
  async shell(serial: string, script: string, options: AdbOptions): Promise<ShellAnswer> {
    const { stdout, isLate } = await this.run(['-s', serial, 'shell', `${script}; echo ${endMark}`], options);
    const text = stdout.replaceAll('\r\n', '\n').trimEnd();
    if (text.endsWith(endMark)) return { text: text.slice(0, -endMark.length) };
    return isLate ? 'late' : 'cut';
  }
}

export type ShellAnswer = { readonly text: string } | 'late' | 'cut';

const endMark = 'qgjob-end-of-script';
