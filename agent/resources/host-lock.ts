import { createHash } from 'node:crypto';
import { lstatSync, lutimesSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FileLock, lockHolder, tryLockFile } from '../../host/lock-file.ts';
import { wallClock } from '../clock.ts';
import { openShared } from './open-shared.ts';

/** Who waits wishes about once a second; so long a wish counts. */
const wishMs = 10_000;
/** So much is lost of the time of a file at most when it is set. */
const cutMs = 2;

/** Things that exist once on a host, such as a port. Agents that share the folder see each other. */
export class HostLocks {
  readonly #folder: string;
  readonly #say: (line: string) => void;
  /** The files of dead processes that this user cannot remove, by their paths. */
  readonly #stuck = new Map<string, string>();

  /** `say` gets a line of what a person must do. */
  constructor(folder = join(tmpdir(), 'qgjob-resources'), say: (line: string) => void = () => undefined) {
    this.#folder = folder;
    this.#say = say;
  }

  /**
   * Takes the right to a thing, for as long as this process lives or until `unlock`. Undefined: another has it. The lock of
   * a dead process is taken over; where that is another user's and the folder root's, only root can do that, and this says so
   * once. Throws where the folder cannot be used.
   */
  tryLock(name: string): FileLock | undefined {
    openShared(this.#folder);
    const lock = tryLockFile(this.#pathOf(name), () => this.#noteStuck(name));
    if (lock) orNothing(() => unlinkSync(this.#wantedOf(name)));
    return lock;
  }

  /** Whether another living process has it, or a dead one whose file stays. */
  isTakenElsewhere(name: string): boolean {
    const path = this.#pathOf(name);
    const pid = lockHolder(path);
    if (pid !== undefined) return pid !== process.pid;
    return this.#stuck.has(path) && this.#stuck.get(path) === markOf(path);
  }

  #noteStuck(name: string): void {
    const path = this.#pathOf(name);
    const mark = markOf(path);
    if (mark === undefined || this.#stuck.get(path) === mark) return;
    this.#stuck.set(path, mark);
    this.#say(
      `${name} stays locked: ${path} is of a process of another user that is no more, and only that user and root can remove it; remove it, and what needs ${name} runs here again`,
    );
  }

  /**
   * Tells who has it, and does not use it for now, that another needs it. To be repeated as long as that is so. Never throws:
   * where it cannot be told, the holder gives it back later. Another user may have put something there, which stays.
   */
  want(name: string): void {
    orNothing(() => {
      openShared(this.#folder);
      wish(this.#wantedOf(name));
    });
  }

  /**
   * True while somebody has wanted it since it was taken, and lately. The file of another user, which need not be an agent, may
   * stay for ever: by itself it says nothing.
   */
  isWanted(name: string): boolean {
    return orNothing(() => this.#wishCounts(name)) === true;
  }

  #wishCounts(name: string): boolean {
    const wished = lstatSync(this.#wantedOf(name));
    const isNew = wished.mtimeMs + cutMs > lstatSync(this.#pathOf(name)).mtimeMs;
    return wished.isFile() && isNew && Math.abs(wallClock() - wished.mtimeMs) < wishMs;
  }

  #wantedOf = (name: string): string => `${this.#pathOf(name)}.wanted`;

  /** A name becomes no path. */
  #pathOf(name: string): string {
    return join(this.#folder, createHash('sha256').update(name).digest('hex').slice(0, 32));
  }
}

/** Another user's is renewed by root alone. A link is not followed. */
function wish(path: string): void {
  try {
    writeFileSync(path, '', { flag: 'wx' });
  } catch {
    const now = wallClock() / 1000;
    lutimesSync(path, now, now);
  }
}

/** Which file it is; undefined where none is. */
const markOf = (path: string): string | undefined =>
  orNothing(() => {
    const { ino, mtimeMs } = lstatSync(path);
    return `${ino} ${mtimeMs}`;
  });

/** Where no failure does harm. */
function orNothing<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
