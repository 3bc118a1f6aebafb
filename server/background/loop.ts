/** One of the server's loops. */
export interface Loop {
  readonly name: string;
  /** The pause between two passes. */
  readonly intervalMs: number;
  start(): void;
  /** Resolves when the current pass is over. */
  stop(): Promise<void>;
  /** Runs one pass now, or waits for the current one. */
  runOnce(): Promise<void>;
  /** When the last pass ended (epoch ms), its error, and how many passes have failed. */
  readonly state: { lastRunAt: number | null; lastError: string | null; errors: number };
}

export interface LoopOptions {
  readonly name: string;
  readonly intervalMs: number;
  /** The wait before the first pass. Default: one interval. */
  readonly firstAfterMs?: number;
  readonly work: () => Promise<unknown>;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

/** Runs `work` at an interval, one pass at a time. An error is reported, and the next pass follows as usual. */
export function createLoop(options: LoopOptions): Loop {
  const state: Loop['state'] = { lastRunAt: null, lastError: null, errors: 0 };
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<void> | undefined;
  let stopped = true;

  async function pass(): Promise<void> {
    try {
      await options.work();
      state.lastError = null;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // Of passes in a row that fail alike, as while a database is away, the first is told.
      if (message !== state.lastError) options.onError(error);
      state.lastError = message;
      state.errors += 1;
    }
    state.lastRunAt = options.now();
  }

  function runOnce(): Promise<void> {
    current ??= pass().finally(() => {
      current = undefined;
    });
    return current;
  }

  function plan(ms: number): void {
    timer = setTimeout(async () => {
      await runOnce();
      if (!stopped) plan(options.intervalMs);
    }, ms);
  }

  return {
    name: options.name,
    intervalMs: options.intervalMs,
    state,
    start() {
      stopped = false;
      plan(options.firstAfterMs ?? options.intervalMs);
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await current;
    },
    runOnce,
  };
}
