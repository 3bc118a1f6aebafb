import { createHash } from 'node:crypto';
import { lstatSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FileLock, lockHolder, tryLockFile } from '../../host/lock-file.ts';
import { openShared } from './open-shared.ts';

/** Things that exist once on a host, such as a port. Agents that share the folder see each other. */
export class HostLocks {
  readonly #folder: string;

  constructor(folder = join(tmpdir(), 'qgjob-resources')) {
    this.#folder = folder;
  }

  /**
   * Takes the right to a thing, for as long as this process lives or until `unlock`. Undefined: another has it. The lock of
   * a dead process is taken over. Throws where the folder cannot be used.
   */
  tryLock(name: string): FileLock | undefined {
    openShared(this.#folder);
    const lock = tryLockFile(this.#pathOf(name));
    if (lock) orNothing(() => unlinkSync(this.#wantedOf(name)));
    return lock;
  }

  /** Whether another living process has it. */
  isTakenElsewhere(name: string): boolean {
    const pid = lockHolder(this.#pathOf(name));
    return pid !== undefined && pid !== process.pid;
  }

  /**
   * Tells who has it, and does not use it for now, that another needs it. To be repeated as long as that is so. Never throws:
   * where it cannot be told, the holder gives it back later. Another user may have put something there, which stays.
   */
  want(name: string): void {
    orNothing(() => {
      openShared(this.#folder);
      writeFileSync(this.#wantedOf(name), '', { flag: 'wx' });
    });
  }

  /** True when somebody has wanted it since it was taken. */
  isWanted(name: string): boolean {
    return orNothing(() => lstatSync(this.#wantedOf(name)).isFile()) === true;
  }

  #wantedOf = (name: string): string => `${this.#pathOf(name)}.wanted`;

  /** A name becomes no path. */
  #pathOf(name: string): string {
    return join(this.#folder, createHash('sha256').update(name).digest('hex').slice(0, 32));
  }
}

/** Where no failure does harm. */
function orNothing<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
