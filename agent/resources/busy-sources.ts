import type { HostLocks } from './host-lock.ts';

/** One who uses a thing now: the run, and its source. */
export interface Use {
  readonly key: string;
  readonly source: string;
}

/** The name of a thing that the settings name. Leases of one source do not share it, as they share a port. */
export const resourceName = (name: string): string => `resource:${name}`;
const isExclusive = (name: string): boolean => name.startsWith('resource:');

const mostSources = 1000;
/** As many as a lease request takes. */
const mostListed = 100;

/**
 * Which sources cannot run on this host for now, since they need something that another run uses. What a source needs is
 * learned when a lease of it runs, or meets what is taken.
 */
export class BusySources {
  readonly #locks: HostLocks;
  /** What sources need. */
  readonly #needs = new Map<string, ReadonlySet<string>>();
  /** What is used by this process. */
  readonly #uses = new Map<string, Use>();
  /** Sources of which two runs met. */
  readonly #clashes = new Set<string>();
  #listed: readonly string[] = [];
  #change = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  readonly #lookMs: number;

  constructor(locks: HostLocks, lookMs = 1000) {
    this.#locks = locks;
    this.#lookMs = lookMs;
  }

  /** Hashes, as leases name their sources. */
  get list(): readonly string[] {
    return this.#listed;
  }

  /** Aborts at the next change of the list. */
  get changed(): AbortSignal {
    return this.#change.signal;
  }

  learn(source: string, names: Iterable<string>): void {
    // Ports may be others than the last time; named things are those of the settings.
    const kept = [...(this.#needs.get(source) ?? [])].filter(isExclusive);
    this.#needs.delete(source);
    this.#needs.set(source, new Set([...kept, ...names]));
    const [oldest] = this.#needs.keys();
    if (this.#needs.size > mostSources && oldest !== undefined) this.#needs.delete(oldest);
    this.#look();
  }

  /** What a source needs besides what is known. */
  need(source: string, names: Iterable<string>): void {
    this.learn(source, [...(this.#needs.get(source) ?? []), ...names]);
  }

  /** A lease of this source met something that is taken. */
  met(source: string, name: string): void {
    if (this.#uses.get(name)?.source === source) this.#clashes.add(source);
    this.need(source, [name]);
  }

  /** From now on a run uses it; undefined: nobody does, though this process may still have it. */
  use(name: string, by: Use | undefined): void {
    if (by) this.#uses.set(name, by);
    else {
      const before = this.#uses.get(name);
      this.#uses.delete(name);
      if (before) this.#clashes.delete(before.source);
    }
    this.#look();
  }

  /** Ends its looks at what other processes have. */
  close(): void {
    clearTimeout(this.#timer);
    this.#needs.clear();
  }

  #look(): void {
    clearTimeout(this.#timer);
    const busy = [...this.#needs]
      .filter(([source, names]) => this.#isBusy(source, names))
      .map(([one]) => one);
    const list = busy.slice(-mostListed).sort();
    // What another process has is given back without a word.
    if (busy.length > 0) this.#timer = setTimeout(() => this.#look(), this.#lookMs).unref();
    if (list.join() === this.#listed.join()) return;
    this.#listed = list;
    const before = this.#change;
    this.#change = new AbortController();
    before.abort();
  }

  #isBusy(source: string, names: ReadonlySet<string>): boolean {
    return [...names].some((name) => {
      const use = this.#uses.get(name);
      if (use) return use.source !== source || this.#clashes.has(source) || isExclusive(name);
      return this.#isForeign(name);
    });
  }

  /** Another process has it; it is asked to give it back where it does not use it. */
  #isForeign(name: string): boolean {
    if (!this.#locks.isTakenElsewhere(name)) return false;
    this.#locks.want(name);
    return true;
  }
}
