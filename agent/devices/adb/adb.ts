import { execFile } from 'node:child_process';

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

/** adb answers no more for one phone. The bytes of a device's output. */
const mostBytes = 4 * 1024 * 1024;

/**
 * Calls the host's adb. Nothing of adb has a deadline of its own, so each call has one here. The adb server, which adb
 * starts by itself, is shared with everything else on the host: it is never stopped.
 */
export class Adb {
  readonly #env: Readonly<Record<string, string>>;
  readonly #program: string;

  /** `program`: for tests. */
  constructor(env: Readonly<Record<string, string>>, program = 'adb') {
    this.#env = env;
    this.#program = program;
  }

  /** Throws `noAdb` where there is none. */
  run(words: readonly string[], { timeoutMs, signal }: AdbOptions): Promise<AdbEnd> {
    return new Promise((resolve, reject) => {
      const options = {
        env: this.#env,
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: mostBytes,
        signal,
      } as const;
      execFile(this.#program, words, options, (error, stdout, stderr) => {
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
