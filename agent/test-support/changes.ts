/** Lets a test wait for an event instead of a time. */
export class Changes {
  readonly #watchers = new Set<() => void>();

  /** Something happened: all conditions are checked again. */
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

  /** Holds a call as the real server does: until `ready` (true), or the time is over or the caller is gone (false). */
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
