import { randomUUID } from 'node:crypto';
import type { Enclosed, Space } from '../isolation/isolation.ts';
import { type NetworkMaker, NetworkProcess } from './network-process.ts';

/** A network of one source. */
export interface Network {
  /** Tells its ports from those of other networks. */
  readonly id: string;
  /** What runs in the space runs in this network. */
  enclose(space: Space): Space;
  /** No lease less uses it. */
  leave(): void;
}

export interface NetworksOptions extends NetworkMaker {
  /** How long a network stays that no lease uses: longer than web servers do, which run in it. In ms. */
  readonly stayMs: number;
}

interface Entry {
  readonly id: string;
  readonly process: Promise<NetworkProcess>;
  users: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Networks with a loopback of their own and no way out, one for each source: two commits of one suite listen on the same
 * port at once, and neither can reach the other.
 */
export class Networks {
  readonly #options: NetworksOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: NetworksOptions) {
    this.#options = options;
  }

  /** For one lease more. Throws with one line where the host does not allow it. */
  async enter(source: string): Promise<Network> {
    const entry = this.#entries.get(source) ?? this.#open(source);
    clearTimeout(entry.timer);
    entry.users += 1;
    try {
      const { words } = await entry.process;
      return {
        id: entry.id,
        enclose: (space) => inNetwork(space, words),
        leave: () => this.#leave(source, entry),
      };
    } catch (error) {
      this.#close(source, entry);
      throw error;
    }
  }

  close(): void {
    for (const [source, entry] of this.#entries) this.#close(source, entry);
  }

  #open(source: string): Entry {
    const process = NetworkProcess.start(this.#options);
    const entry: Entry = { id: randomUUID(), process, users: 0, timer: undefined };
    this.#entries.set(source, entry);
    // A network whose process was ended from outside is no more given to new leases.
    process.then(
      ({ ended }) => ended.then(() => this.#close(source, entry)),
      () => undefined,
    );
    return entry;
  }

  #leave(source: string, entry: Entry): void {
    entry.users -= 1;
    if (entry.users === 0)
      entry.timer = setTimeout(() => this.#close(source, entry), this.#options.stayMs).unref();
  }

  #close(source: string, entry: Entry): void {
    clearTimeout(entry.timer);
    if (this.#entries.get(source) === entry) this.#entries.delete(source);
    entry.process.then(
      (process) => process.end(),
      () => undefined,
    );
  }
}

const inNetwork = (space: Space, words: readonly string[]): Space => ({
  give: (folder) => space.give(folder),
  enclose: async (command): Promise<Enclosed> => {
    const enclosed = await space.enclose(command);
    return { ...enclosed, command: { ...enclosed.command, argv: [...words, ...enclosed.command.argv] } };
  },
});
