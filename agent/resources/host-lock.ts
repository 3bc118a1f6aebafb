import { createHash, randomUUID } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../children/processes.ts';

interface Holder {
  readonly pid: number;
  /** When the process started, as its system counts it: a later process may have the same pid. */
  readonly started: string;
  readonly id: string;
}

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
  tryLock(name: string): HostLock | undefined {
    this.#open();
    const path = this.#pathOf(name);
    const mine: Holder = { pid: process.pid, started: startOf(process.pid), id: randomUUID() };
    const own = `${path}.${mine.id}`;
    writeFileSync(own, JSON.stringify(mine));
    try {
      if (!tryLink(own, path) && !takeOver(path, own)) return undefined;
    } finally {
      rmSync(own, { force: true });
    }
    rmSync(this.#wantedOf(name), { force: true });
    return { unlock: () => void (readHolder(path)?.id === mine.id && rmSync(path, { force: true })) };
  }

  /** Whether another living process has it. */
  isTakenElsewhere(name: string): boolean {
    const holder = readHolder(this.#pathOf(name));
    return holder !== undefined && holder.pid !== process.pid && isThere(holder);
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

export interface HostLock {
  unlock(): void;
}

/** False where the holder lives, or another process was faster. */
function takeOver(path: string, own: string): boolean {
  const holder = readHolder(path);
  if (holder && isThere(holder)) return false;
  const stale = `${own}.stale`;
  try {
    renameSync(path, stale);
  } catch {
    return tryLink(own, path);
  }
  try {
    // Another process took it over after it was read: what was moved away is its valid lock, and is put back.
    if (readHolder(stale)?.id !== holder?.id) {
      tryLink(stale, path);
      return false;
    }
    return tryLink(own, path);
  } finally {
    rmSync(stale, { force: true });
  }
}

function tryLink(own: string, path: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

const isThere = ({ pid, started }: Holder): boolean => isAlive(pid) && startOf(pid) === started;

/** Field 22 of /proc/<pid>/stat (proc(5)); empty where there is no /proc: then the pid alone decides. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
