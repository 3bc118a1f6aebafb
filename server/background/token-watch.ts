import { endLeasesOfRevoked } from '../queue/leases/index.ts';
import { findLiveIds } from '../queue/orgs/index.ts';
import type { Deps } from '../queue/store/deps.ts';
import { createLoop, type Loop } from './loop.ts';

/** The open calls of this server, by token or session. */
interface OpenCalls {
  ids(): string[];
  end(ids: Iterable<string>): void;
}

/** With the time of a look and of what it begins, calls end within 5 s of what another server has revoked. */
const watchMs = 2000;
/** Leases that were given out by another server, which did not know yet, are looked for so long. */
const lookBackMs = 60_000;

/** Ends the calls of tokens and sessions that have expired or were ended by another server, and the leases of their agents. */
export const createTokenWatch = (deps: Deps, calls: OpenCalls, onError: (error: unknown) => void): Loop =>
  createLoop({
    ...{ name: 'tokens', intervalMs: watchMs, now: deps.now, onError },
    work: async () => {
      const open = calls.ids();
      if (open.length > 0) {
        const live = await findLiveIds(deps, open);
        calls.end(open.filter((id) => !live.has(id)));
      }
      await endLeasesOfRevoked(deps, deps.now() - lookBackMs);
    },
  });
