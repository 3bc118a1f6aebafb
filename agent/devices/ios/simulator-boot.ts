import type { ChildProcess } from 'node:child_process';
import { signalGroup } from '../../children/processes.ts';
import { lastLine, type Xcrun } from './xcrun.ts';

/** How far a boot is; `failed` says why it will not come to its end. */
export type BootState =
  | { readonly is: 'booted' }
  | { readonly is: 'booting'; readonly sinceMs: number }
  | { readonly is: 'failed'; readonly why: string };

/** A boot that simctl carries out and waits for. */
export class SimulatorBoot {
  readonly #child: ChildProcess;
  readonly #startedAt = performance.now();
  #said = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (bytes) => {
        this.#said = `${this.#said}${bytes}`.slice(-2000);
      });
  }

  /** Of a simulator that is booted too: it may have come only half of the way. */
  static async begin(xcrun: Xcrun, udid: string): Promise<SimulatorBoot> {
    return new SimulatorBoot(await xcrun.open(['simctl', 'bootstatus', udid, '-b']));
  }

  /** `limit`: in s; a boot that takes longer is ended. */
  look(limit: number): BootState {
    const { exitCode, signalCode, pid } = this.#child;
    if (exitCode === 0) return { is: 'booted' };
    if (pid === undefined || exitCode !== null || signalCode !== null)
      return { is: 'failed', why: `it did not boot: ${lastLine(this.#said)}` };
    const sinceMs = performance.now() - this.#startedAt;
    if (sinceMs <= limit * 1000) return { is: 'booting', sinceMs };
    this.end();
    return { is: 'failed', why: `it did not boot within ${limit} s` };
  }

  end(): void {
    const { exitCode, pid } = this.#child;
    if (exitCode === null && pid !== undefined) signalGroup(pid, 'SIGKILL');
  }
}
