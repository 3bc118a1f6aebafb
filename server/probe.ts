import type { Deps } from './queue/deps.ts';

export interface Probe {
  readonly isWritable: boolean;
  readonly error?: string;
}

// Anybody may ask for the health; the database is asked once in this time.
const keptMs = 1000;

/**
 * Looks whether the database can be written, by a write without effect: it takes the write lock, and so meets a foreign
 * lock, a read-only file or a closed store.
 */
export function createProbe(deps: Deps): () => Promise<Probe> {
  let last: Promise<Probe> | undefined;
  let askedAt = 0;
  return () => {
    if (last && performance.now() - askedAt < keptMs) return last;
    askedAt = performance.now();
    last = deps.gate.write([{ sql: 'UPDATE orgs SET weight = weight WHERE false' }]).then(
      () => ({ isWritable: true }),
      (error: Error) => ({ isWritable: false, error: error.message }),
    );
    return last;
  };
}
