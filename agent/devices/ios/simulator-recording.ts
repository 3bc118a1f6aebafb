import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { signalGroup } from '../../children/processes.ts';
import { within } from '../../within.ts';
import { CappedFile, mostLogBytes } from '../capped-file.ts';
import type { RecordedResult } from '../recording.ts';
import type { SimctlEntry } from './ios-entries.ts';
import { lastLine, type Xcrun } from './xcrun.ts';

/** For a video to be written to its end. */
const finishMs = 10_000;
/** A recording that was ended sooner may not have begun. In ms. */
const shortMs = 1000;

/** The log and the screen of a simulator during one attempt. simctl writes the video on this host. */
export class SimulatorRecording {
  readonly #xcrun: Xcrun;
  readonly #udid: string;
  readonly #folder: string;
  readonly #wants: Pick<SimctlEntry, 'log' | 'video'>;
  readonly #begunAt = performance.now();
  readonly #problems: string[] = [];
  #screen: ChildProcess | undefined;
  #said = '';
  #log: ChildProcess | undefined;
  #writing: Promise<void> = Promise.resolve();
  #sealed: Promise<void> | undefined;

  constructor(xcrun: Xcrun, udid: string, folder: string, wants: Pick<SimctlEntry, 'log' | 'video'>) {
    this.#xcrun = xcrun;
    this.#udid = udid;
    this.#folder = folder;
    this.#wants = wants;
  }

  get #video(): string {
    return join(this.#folder, 'screen.mp4');
  }

  async begin(): Promise<void> {
    if (this.#wants.video !== 'off') {
      const words = ['simctl', 'io', this.#udid, 'recordVideo', '--codec', 'h264', '--force', this.#video];
      this.#screen = await this.#xcrun.open(words);
      for (const stream of [this.#screen.stdout, this.#screen.stderr])
        stream?.on('data', (bytes) => {
          this.#said = `${this.#said}${bytes}`.slice(-2000);
        });
    }
    if (!this.#wants.log) return;
    const words = ['simctl', 'spawn', this.#udid, 'log', 'stream', '--style', 'compact'];
    const log = await this.#xcrun.open(words);
    this.#log = log;
    log.stderr?.resume();
    this.#writing = this.#write(log).catch((error: Error) => void this.#problems.push(error.message));
  }

  async #write({ stdout }: ChildProcess): Promise<void> {
    const file = await CappedFile.open(this.#folder, 'log', mostLogBytes);
    try {
      for await (const bytes of (stdout ?? []) as AsyncIterable<Buffer>) await file.write(bytes);
    } finally {
      await file.close();
    }
  }

  /** From now on nothing more is recorded. Never throws. */
  seal(): Promise<void> {
    this.#sealed ??= this.#seal();
    return this.#sealed;
  }

  async #seal(): Promise<void> {
    const isShort = performance.now() - this.#begunAt < shortMs;
    const [screen, log] = [this.#screen, this.#log];
    if (screen && isOver(screen) && !isShort)
      this.#problems.push(`the screen is not recorded: ${lastLine(this.#said)}`);
    await Promise.all([screen && end(screen, 'SIGINT'), log && end(log, 'SIGTERM')]);
    await within(finishMs, this.#writing);
  }

  async end({ verdict }: RecordedResult): Promise<void> {
    await this.seal();
    if (this.#wants.video === 'failed' && verdict === 'passed') await rm(this.#video, { force: true });
    const { size } = await stat(this.#video).catch(() => ({ size: undefined }));
    if (size === 0) await rm(this.#video, { force: true });
    if (this.#problems.length > 0) throw new Error(this.#problems.join('; '));
  }
}

const isOver = ({ pid, exitCode, signalCode }: ChildProcess): boolean =>
  pid === undefined || exitCode !== null || signalCode !== null;

async function end(child: ChildProcess, signal: 'SIGINT' | 'SIGTERM'): Promise<void> {
  if (isOver(child) || child.pid === undefined) return;
  const exited = once(child, 'exit');
  signalGroup(child.pid, signal);
  if ((await within(finishMs, exited)) === undefined) {
    signalGroup(child.pid, 'SIGKILL');
    await exited;
  }
}
