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

  /** Holds as the real server does: until there is something (true), the time is over or the caller hangs up. */
  async within(ms: number, gone: Promise<void>, ready: () => boolean): Promise<boolean> {
    let over = false;
    const end = (): void => {
      over = true;
      this.tell();
    };
    const timer = setTimeout(end, ms);
    void gone.then(end);
    await this.until(() => over || ready());
    clearTimeout(timer);
    return !over;
  }
}
