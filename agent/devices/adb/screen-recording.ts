import type { ChildProcess } from 'node:child_process';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { within } from '../../within.ts';
import type { Adb } from './adb.ts';

/** Where every phone lets adb write. */
export const remoteFolder = '/data/local/tmp';
/** The longest that Android records into one file. In s. */
const fileSeconds = 180;
/** Two hours. */
const mostFiles = 40;
const callMs = 5000;
/** For a file to be written to its end. */
const finishMs = 10_000;
const pullMs = 60_000;
/** A recording that was ended sooner may not have begun. In ms. */
const shortMs = 1000;

interface Part {
  readonly path: string;
  /** Of the recording on the phone; undefined: it never began. */
  readonly pid: Promise<string | undefined>;
  readonly ended: Promise<{ readonly code: number | null; readonly words: string }>;
  readonly child: ChildProcess;
}

/** The screen of a phone as a video, in files of three minutes one after the other, which lie on the phone until `pull`. */
export class ScreenRecording {
  readonly #adb: Adb;
  readonly #serial: string;
  readonly #name: string;
  readonly #over: AbortSignal;
  readonly #begunAt = performance.now();
  readonly #paths: string[] = [];
  #part: Part | undefined;
  #running: Promise<void> = Promise.resolve();
  #isEnding = false;
  #isShort = false;
  #problem: string | undefined;

  /** `name`: of its files on the phone, unique. `over`: ends all that is waited for. */
  constructor(adb: Adb, serial: string, name: string, over: AbortSignal) {
    this.#adb = adb;
    this.#serial = serial;
    this.#name = name;
    this.#over = over;
  }

  begin(): void {
    this.#running = this.#run().catch((error: Error) => {
      this.#problem ??= error.message;
    });
  }

  async #run(): Promise<void> {
    while (!this.#isEnding && this.#paths.length < mostFiles) {
      const part = await this.#start();
      this.#part = part;
      const { code, words } = await part.ended;
      // One that complained by itself has failed, also where the attempt was over before that was known.
      const hasComplained = code !== null && code !== 0 && words !== '';
      if (this.#isEnding && !hasComplained) return;
      if (code !== 0 || (await part.pid) === undefined) {
        this.#problem = `the screen is not recorded: ${words || 'is the phone there?'}`;
        return;
      }
    }
  }

  async #start(): Promise<Part> {
    const path = `${remoteFolder}/${this.#name}-${this.#paths.length + 1}.mp4`;
    this.#paths.push(path);
    const record = `screenrecord --time-limit ${fileSeconds} --bit-rate 4000000 ${path}`;
    const child = await this.#adb.open(['-s', this.#serial, 'shell', `echo $$; exec ${record}`]);
    return { path, child, ...listen(child) };
  }

  /** Ends it on the phone; resolves when its last file is whole, or will not be. */
  async stop(): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#isShort = performance.now() - this.#begunAt < shortMs;
    const part = this.#part;
    if (part) await this.#interrupt(part).catch(() => undefined);
    await within(finishMs, this.#running, this.#over);
    this.#part?.child.kill('SIGKILL');
  }

  /** By the number of our own recording, as long as that is what runs under it. */
  async #interrupt({ pid, path }: Part): Promise<void> {
    const number = await within(callMs, pid, this.#over);
    if (number === undefined) return;
    // The brackets keep the expression from finding the shell that it stands in.
    const words = `pgrep -f '[/]${path.slice(1)}' | grep -qx ${number} && kill -2 ${number}`;
    await this.#adb.shell(this.#serial, words, { timeoutMs: callMs, signal: this.#over });
  }

  /** Fetches its files as `screen.mp4`, or `screen-1.mp4` and so on. Throws, with words, where something is missing. */
  async pull(folder: string): Promise<void> {
    const missing: string[] = this.#problem === undefined ? [] : [this.#problem];
    for (const [index, path] of this.#paths.entries()) {
      const name = this.#paths.length === 1 ? 'screen.mp4' : `screen-${index + 1}.mp4`;
      const words = ['-s', this.#serial, 'pull', path, join(folder, name)];
      const { code, stderr, stdout } = await this.#adb.runMarked(words, {
        timeoutMs: pullMs,
        signal: this.#over,
      });
      if (code === 0 && !(await removeEmpty(join(folder, name)))) continue;
      // Nothing can be seen of an attempt that is over at once.
      if (!this.#isShort && this.#problem === undefined)
        missing.push(`${name} stays on the phone: ${(stderr || stdout).trim() || 'it is empty'}`);
    }
    if (missing.length > 0) throw new Error(missing.join('; '));
  }

  /** True when nothing of it is on the phone any more. */
  async remove(): Promise<boolean> {
    if (this.#paths.length === 0) return true;
    const words = `rm -f ${this.#paths.join(' ')}`;
    const answer = await this.#adb
      .shell(this.#serial, words, { timeoutMs: callMs, signal: this.#over })
      .catch(() => 'cut');
    return typeof answer === 'object';
  }
}

/** The first line is the number of the recording, what follows are its complaints. */
function listen(child: ChildProcess): Pick<Part, 'pid' | 'ended'> {
  const pid = Promise.withResolvers<string | undefined>();
  let said = '';
  const read = (bytes: Buffer): void => {
    said = `${said}${bytes}`.slice(0, 4000);
    const [, number] = /^(\d+)\r?\n/.exec(said) ?? [];
    if (number !== undefined) pid.resolve(number);
  };
  child.stdout?.on('data', read);
  child.stderr?.on('data', read);
  const ended = new Promise<{ code: number | null; words: string }>((resolve) => {
    const end = (code: number | null): void => {
      pid.resolve(undefined);
      resolve({ code, words: said.replace(/^\d+\s*/, '').trim() });
    };
    child.once('close', end);
    child.once('error', () => end(null));
  });
  return { pid: pid.promise, ended };
}

async function removeEmpty(path: string): Promise<boolean> {
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  if (size > 0) return false;
  await rm(path, { force: true });
  return true;
}
