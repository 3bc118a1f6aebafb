import type { FileLock } from '../../host/lock-file.ts';
import type { BusySources } from '../resources/busy-sources.ts';
import type { HostLocks } from '../resources/host-lock.ts';
import { Holder, type HolderOptions, type Served, type ServeRequest } from './holder.ts';
import { once } from './once.ts';

/** Whose servers they are: each run has its own for each configuration, so that no state leaks from run to run. */
export interface ServedFor {
  readonly run: string;
  /** The path of the configuration in the source. */
  readonly config: string;
  /** The hash of the source. */
  readonly source: string;
  /** Whose ports they use; undefined: the host's. */
  readonly network?: string | undefined;
}

/** `busy`: another run uses what they need. */
export type ServerUse = ServersInUse | 'none' | { readonly busy: string } | { readonly failed: string };

export interface ServersInUse extends Served {
  /** They were started for this use. */
  readonly isNew: boolean;
  release(): void;
}

export interface WebServersOptions extends Pick<HolderOptions, 'child' | 'mask' | 'limitMs'> {
  readonly locks: HostLocks;
  readonly busy: BusySources;
  /** How long servers that no lease uses stay. */
  readonly idleMs: number;
  /** How often such servers look whether another process needs their port. */
  readonly lookMs: number;
}

interface Entry {
  readonly by: ServedFor;
  readonly folder: string;
  readonly holder: Holder;
  readonly locks: Map<string, FileLock>;
  /** The name that another run has. */
  taken: string | undefined;
  users: number;
  timers: NodeJS.Timeout[];
}

/** After so many failures of one configuration in one run its servers are not tried again. */
const mostFailures = 2;
const mostKnown = 1000;

/** The web servers that suites need while their tests run: started once for all leases of a run on this host. */
export class WebServers {
  readonly #options: WebServersOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #none = new Set<string>();
  readonly #failures = new Map<string, string[]>();
  readonly #leaving = new Set<Promise<void>>();

  constructor(options: WebServersOptions) {
    this.#options = options;
  }

  /** Waits until the servers of a configuration are up, for one lease more. */
  async use(by: ServedFor, request: ServeRequest, onOutput: (bytes: Buffer) => void): Promise<ServerUse> {
    const key = JSON.stringify([by.run, by.config, by.network]);
    if (this.#none.has(key)) return 'none';
    const failures = this.#failures.get(key) ?? [];
    if (failures.length >= mostFailures) return { failed: failures.at(-1) ?? '' };
    const known = this.#entries.get(key);
    const entry = known ?? this.#open(key, by, request, onOutput);
    this.#join(entry);
    const start = await entry.holder.started;
    if (typeof start === 'object' && 'text' in start)
      return { ...start, isNew: known === undefined, release: once(() => this.#leave(key, entry)) };
    entry.users -= 1;
    this.#forget(key, entry);
    if (start === 'none') return this.#noteNone(key);
    if (start === 'refused') return { busy: entry.taken ?? 'a port' };
    if (known === undefined) this.#noteFailure(key, failures, start.failed);
    return start;
  }

  /** Removes the folder of a lease, once no servers run from it any more. */
  async leaveFolder(folder: string, remove: () => Promise<void>): Promise<void> {
    const left = [...this.#entries.values()].filter((entry) => entry.folder === folder);
    if (left.length === 0) return remove();
    const leaving = Promise.all(left.map(({ holder }) => holder.ended)).then(remove);
    this.#leaving.add(leaving);
    void leaving.finally(() => this.#leaving.delete(leaving));
  }

  /** Ends all servers, and waits until nothing is left of them. */
  async close(): Promise<void> {
    await Promise.all([...this.#entries].map(([key, entry]) => this.#end(key, entry)));
    await Promise.all(this.#leaving);
    this.#options.busy.close();
  }

  #open(key: string, by: ServedFor, request: ServeRequest, onOutput: (bytes: Buffer) => void): Entry {
    const { child, mask, limitMs } = this.#options;
    const maySeize = (ports: readonly number[]): Promise<boolean> => this.#seize(entry, ports);
    const holder = new Holder(request, { child, mask, limitMs, onOutput, maySeize });
    const locks = new Map<string, FileLock>();
    const entry: Entry = {
      by,
      folder: request.folder,
      holder,
      locks,
      taken: undefined,
      users: 0,
      timers: [],
    };
    this.#entries.set(key, entry);
    void holder.ended.then(() => this.#forget(key, entry));
    return entry;
  }

  /** Takes all ports or none. Servers that no lease uses make room. */
  async #seize(entry: Entry, ports: readonly number[]): Promise<boolean> {
    const { locks, busy } = this.#options;
    const { network } = entry.by;
    const of = network === undefined ? '' : ` of ${network}`;
    for (const name of ports.map((port) => `port:${port}${of}`)) {
      await this.#makeRoom(name);
      const lock = locks.tryLock(name);
      if (lock) entry.locks.set(name, lock);
      else {
        entry.taken = name;
        this.#unlock(entry);
        busy.met(entry.by.source, name);
        return false;
      }
    }
    busy.learn(entry.by.source, entry.locks.keys());
    this.#tell(entry, true);
    return true;
  }

  async #makeRoom(name: string): Promise<void> {
    const idle = [...this.#entries].filter(([, { users, locks }]) => users === 0 && locks.has(name));
    await Promise.all(idle.map(([key, entry]) => this.#end(key, entry)));
  }

  #join(entry: Entry): void {
    for (const timer of entry.timers.splice(0)) clearTimeout(timer);
    entry.users += 1;
    if (entry.users === 1) this.#tell(entry, true);
  }

  #leave(key: string, entry: Entry): void {
    entry.users -= 1;
    if (entry.users > 0 || this.#entries.get(key) !== entry) return;
    const { idleMs, lookMs, locks } = this.#options;
    const look = (): void => {
      if ([...entry.locks.keys()].some((name) => locks.isWanted(name))) void this.#end(key, entry);
    };
    entry.timers.push(
      setTimeout(() => void this.#end(key, entry), idleMs).unref(),
      setInterval(look, lookMs).unref(),
    );
    this.#tell(entry, false);
  }

  async #end(key: string, entry: Entry): Promise<void> {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
    await entry.holder.end();
    this.#forget(key, entry);
  }

  #forget(key: string, entry: Entry): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
    for (const timer of entry.timers.splice(0)) clearTimeout(timer);
    this.#tell(entry, false);
    this.#unlock(entry);
  }

  #unlock({ locks }: Entry): void {
    for (const [name, lock] of locks) {
      locks.delete(name);
      lock.unlock();
    }
  }

  #tell({ by, locks }: Entry, isUsed: boolean): void {
    for (const name of locks.keys())
      this.#options.busy.use(name, isUsed ? { key: by.run, source: by.source } : undefined);
  }

  #noteNone(key: string): 'none' {
    if (this.#none.size >= mostKnown) this.#none.clear();
    this.#none.add(key);
    return 'none';
  }

  #noteFailure(key: string, before: readonly string[], text: string): void {
    if (this.#failures.size >= mostKnown) this.#failures.clear();
    this.#failures.set(key, [...before, text]);
  }
}
