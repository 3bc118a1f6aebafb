/** One of the server's loops. */
export interface Loop {
  readonly name: string;
  start(): void;
  /** Resolves when the pass under way is over. */
  stop(): Promise<void>;
  /** One pass, now; the one under way where there is one. */
  runOnce(): Promise<void>;
  /** For health: when it last ended a pass (epoch ms), and what went wrong in it. */
  readonly state: { lastRunAt: number | null; lastError: string | null };
}

export interface LoopOptions {
  readonly name: string;
  readonly intervalMs: number;
  /** Waits this long before the first pass. Default: one interval. */
  readonly firstAfterMs?: number;
  readonly work: () => Promise<unknown>;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

/** Runs `work` at an interval, never twice at once; an error is reported and the next pass comes all the same. */
export function createLoop(options: LoopOptions): Loop {
  const state: Loop['state'] = { lastRunAt: null, lastError: null };
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<void> | undefined;
  let stopped = true;

  async function pass(): Promise<void> {
    try {
      await options.work();
      state.lastError = null;
    } catch (error) {
      state.lastError = error instanceof Error ? error.message : String(error);
      options.onError(error);
    }
    state.lastRunAt = options.now();
  }

  /** A pass that is asked for while one runs is that one. */
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
