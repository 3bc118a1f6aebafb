import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Debian's libfaketime, in the form for programs with threads; undefined where it is not installed. */
export const faketime: string | undefined = readdirSync('/usr/lib')
  .map((name) => `/usr/lib/${name}/faketime/libfaketimeMT.so.1`)
  .find((path) => existsSync(path));

/**
 * The wall clock of processes, set by hand while they run. Their monotonic clock and their timers go on by themselves, as
 * on a host whose clock somebody sets.
 */
export class FakeClock {
  readonly #file: string;

  /** `name` is that of a file in `folder`. */
  constructor(folder: string, name: string) {
    this.#file = join(folder, name);
    this.set(0);
  }

  /** What a process needs in its environment to go by this clock. */
  get env(): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: faketime ?? '',
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_NO_CACHE: '1',
      NO_FAKE_STAT: '1',
    };
  }

  /** From now on the clock is this far from the real one. */
  set(hours: number): void {
    const fresh = `${this.#file}.new`;
    writeFileSync(fresh, `${hours < 0 ? '' : '+'}${hours}h\n`);
    renameSync(fresh, this.#file);
  }
}

/** True when the process really has the library: a preload that fails is only a line on stderr. */
export const hasFakeClock = (pid: number): boolean =>
  readFileSync(`/proc/${pid}/maps`, 'utf8').includes('libfaketimeMT');

/** What the library leaves of a process that was killed. */
export function clearFakeClock(pid: number): void {
  for (const name of [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`])
    rmSync(join('/dev/shm', name), { force: true });
}
