import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { markerName, signalGroup } from '../../children/processes.ts';
import { within } from '../../within.ts';
import type { Adb } from '../adb/adb.ts';
import type { DeviceHost } from '../device.ts';
import type { AvdEntry } from './avd-entry.ts';

/** How long an emulator may take to end, in ms: after the command of its console, after SIGTERM. */
const [killMs, termMs] = [10_000, 10_000];
/** Of what it says. */
const mostWords = 4000;

/** A program that runs one AVD. */
export class EmulatorProcess {
  readonly port: number;
  readonly startedAt = performance.now();
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #words = '';
  #isOver = false;

  private constructor(child: ChildProcess, port: number) {
    this.port = port;
    this.#child = child;
    const hear = (bytes: Buffer): void => {
      this.#words = `${this.#words}${bytes}`.slice(-mostWords);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    this.#ended = new Promise((resolve) => {
      const end = (): void => {
        this.#isOver = true;
        resolve();
      };
      child.once('exit', end);
      child.once('error', (error) => {
        hear(Buffer.from(error.message));
        end();
      });
    });
  }

  /**
   * Starts it in a process group of its own, with a mark by which the next start of this agent finds it. What it writes beside
   * its AVD goes to a folder of this process.
   */
  static async start(
    program: string,
    entry: Omit<AvdEntry, 'target'>,
    port: number,
    host: DeviceHost,
  ): Promise<EmulatorProcess> {
    const folder = join(host.marker, `emulator-${port}`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const env = { ...host.env, TMPDIR: folder, [markerName]: `${host.marker}/emulator` };
    const child = spawn(program, wordsFor(entry, port), {
      env,
      cwd: folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new EmulatorProcess(child, port);
  }

  get serial(): string {
    return `emulator-${this.port}`;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The last line that it said, of which most explain why it ended. */
  get lastWords(): string {
    const lines = this.#words.split(/\r?\n/).map((line) => line.trim());
    return (
      lines.filter(Boolean).findLast((line) => /error|panic|fatal/i.test(line)) ??
      lines.findLast(Boolean) ??
      ''
    );
  }

  /** By its console, then by SIGTERM, then by SIGKILL. */
  async stop(adb: Adb): Promise<void> {
    if (!this.#isOver) {
      await adb.run(['-s', this.serial, 'emu', 'kill'], { timeoutMs: killMs }).catch(() => undefined);
      await within(killMs, this.#ended);
    }
    const { pid } = this.#child;
    if (pid === undefined) return;
    if (!this.#isOver) {
      signalGroup(pid, 'SIGTERM');
      await within(termMs, this.#ended);
    }
    // What it has started may be left, also where it has ended by itself.
    signalGroup(pid, 'SIGKILL');
    await this.#ended;
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  /** At once. */
  async kill(): Promise<void> {
    const { pid } = this.#child;
    if (pid !== undefined) signalGroup(pid, 'SIGKILL');
    await Promise.race([this.#ended, sleep(termMs)]);
  }
}

function wordsFor(entry: Omit<AvdEntry, 'target'>, port: number): string[] {
  const { avd, headless, wipe_data, cold_boot, accel, count } = entry;
  return [
    ...['-avd', avd, '-port', String(port)],
    ...(headless ? ['-no-window', '-gpu', 'swiftshader_indirect'] : []),
    ...['-no-audio', '-no-boot-anim', '-no-snapshot-save'],
    ...(cold_boot ? ['-no-snapshot-load'] : []),
    ...(count > 1 ? ['-read-only'] : []),
    ...(wipe_data ? ['-wipe-data'] : []),
    ...(accel ? [] : ['-accel', 'off']),
  ];
}
