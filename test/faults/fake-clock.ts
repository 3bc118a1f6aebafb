import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Debian's libfaketime for programs with threads; undefined if it is not installed. */
export const faketime: string | undefined = readdirSync('/usr/lib')
  .map((name) => `/usr/lib/${name}/faketime/libfaketimeMT.so.1`)
  .find((path) => existsSync(path));

/**
 * A wall clock for processes that can be set while they run. Their monotonic clock and their timers are not changed, as
 * on a host whose clock is set.
 */
export class FakeClock {
  readonly #file: string;

  /** `name` is the name of the clock's file in `folder`. */
  constructor(folder: string, name: string) {
    this.#file = join(folder, name);
    this.set(0);
  }

  /** The environment for a process that uses this clock. */
  get env(): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: faketime ?? '',
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_NO_CACHE: '1',
      NO_FAKE_STAT: '1',
    };
  }

  /** Sets the difference to the real clock. */
  set(hours: number): void {
    const fresh = `${this.#file}.new`;
    writeFileSync(fresh, `${hours < 0 ? '' : '+'}${hours}h\n`);
    renameSync(fresh, this.#file);
  }
}

/** True if the process has loaded the library: a preload that fails only prints a line. */
export const hasFakeClock = (pid: number): boolean =>
  readFileSync(`/proc/${pid}/maps`, 'utf8').includes('libfaketimeMT');

/** Deletes the shared memory that the library leaves after a process was killed. */
export function clearFakeClock(pid: number): void {
  for (const name of [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`])
    rmSync(join('/dev/shm', name), { force: true });
}
