import type { FileLock } from '../../host/lock-file.ts';
import { type BusySources, resourceName } from './busy-sources.ts';
import type { HostLocks } from './host-lock.ts';

export interface ResourceUser {
  /** The lease. */
  readonly key: string;
  /** The hash of its source. */
  readonly source: string;
}

/** All of them, for one lease; or the name of one that another lease has. */
export type Held = { release(): void } | { readonly busy: string };

/** Takes all things of these names, or none. Which sources need which things is noted, so that none asks in vain. */
export function holdResources(
  names: readonly string[],
  { key, source }: ResourceUser,
  { locks, busy }: { readonly locks: HostLocks; readonly busy: BusySources },
): Held {
  const held = new Map<string, FileLock>();
  const release = (): void => {
    for (const [name, lock] of held) {
      held.delete(name);
      lock.unlock();
      busy.use(name, undefined);
    }
  };
  for (const one of new Set(names)) {
    const name = resourceName(one);
    const lock = locks.tryLock(name);
    if (lock === undefined) {
      release();
      busy.met(source, name);
      return { busy: one };
    }
    held.set(name, lock);
    busy.use(name, { key, source });
  }
  if (held.size > 0) busy.need(source, held.keys());
  return { release };
}
