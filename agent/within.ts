import { setTimeout as sleep } from 'node:timers/promises';

/** What the work answers; undefined when that takes longer, or `over` aborts first. The work itself goes on. */
export async function within<T>(ms: number, work: Promise<T>, over?: AbortSignal): Promise<T | undefined> {
  const done = new AbortController();
  const signal = over ? AbortSignal.any([done.signal, over]) : done.signal;
  const late = sleep(ms, undefined, { signal }).catch(() => undefined);
  return Promise.race([work, late]).finally(() => done.abort());
}
