/** Lets a test wait for what happens instead of for a time. */
export class Changes {
  readonly #watchers = new Set<() => void>();

  /** Something happened: who waits looks again. */
  readonly tell = (): void => {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const wake of watchers) wake();
  };

  /** Resolves once `met` is true. */
  readonly until = async (met: () => boolean): Promise<void> => {
    while (!met()) {
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  };
}
