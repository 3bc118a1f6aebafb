import type { Agent } from '../agent.ts';

export interface AfterDrain {
  /** Aborts `ms` after the drain began, or after now, whichever is later. */
  readonly signal: AbortSignal;
  clear(): void;
}

/** What an agent that ends still waits for, it waits for a bounded time. */
export function afterDrain({ stop }: Pick<Agent, 'stop'>, ms: number): AfterDrain {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const start = (): void => {
    timer = setTimeout(() => late.abort(), ms);
  };
  if (stop.drain.aborted) start();
  else stop.drain.addEventListener('abort', start);
  return {
    signal: late.signal,
    clear: () => {
      clearTimeout(timer);
      stop.drain.removeEventListener('abort', start);
    },
  };
}
