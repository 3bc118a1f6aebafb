import type { Deps } from './queue/store/deps.ts';
import { probeWrite } from './queue/store/write-probe.ts';

export interface Probe {
  readonly isWritable: boolean;
  readonly error?: string;
}

// Anybody may ask for the health; the database is asked once in this time.
const keptMs = 1000;

/** Looks whether the database can be written. */
export function createProbe(deps: Deps): () => Promise<Probe> {
  let last: Promise<Probe> | undefined;
  let askedAt = 0;
  return () => {
    if (last && performance.now() - askedAt < keptMs) return last;
    askedAt = performance.now();
    last = probeWrite(deps).then(
      () => ({ isWritable: true }),
      (error: Error) => ({ isWritable: false, error: error.message }),
    );
    return last;
  };
}
