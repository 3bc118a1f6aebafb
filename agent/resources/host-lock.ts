import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FileLock, lockHolder, tryLockFile } from '../../host/lock-file.ts';

/** Things that exist once on a host, such as a port. Agents that share the folder see each other. */
export class HostLocks {
  readonly #folder: string;

  constructor(folder = join(tmpdir(), 'qgjob-resources')) {
    this.#folder = folder;
  }

  /**
   * Takes the right to a thing, for as long as this process lives or until `unlock`. Undefined: another has it. The lock of
   * a dead process is taken over.
   */
  tryLock(name: string): FileLock | undefined {
    this.#open();
    const lock = tryLockFile(this.#pathOf(name));
    if (lock) rmSync(this.#wantedOf(name), { force: true });
    return lock;
  }

  /** Whether another living process has it. */
  isTakenElsewhere(name: string): boolean {
    const pid = lockHolder(this.#pathOf(name));
    return pid !== undefined && pid !== process.pid;
  }

  /** Tells who has it, and does not use it for now, that another needs it. To be repeated as long as that is so. */
  want(name: string): void {
    this.#open();
    writeFileSync(this.#wantedOf(name), '');
  }

  /** True when somebody has wanted it since it was taken. */
  isWanted(name: string): boolean {
    return existsSync(this.#wantedOf(name));
  }

  // Agents of several users share it.
  #open(): void {
    if (mkdirSync(this.#folder, { recursive: true }) !== undefined) chmodSync(this.#folder, 0o777);
  }

  #wantedOf = (name: string): string => `${this.#pathOf(name)}.wanted`;

  /** A name becomes no path. */
  #pathOf(name: string): string {
    return join(this.#folder, createHash('sha256').update(name).digest('hex').slice(0, 32));
  }
}
