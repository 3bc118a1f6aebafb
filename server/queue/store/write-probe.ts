import type { Deps } from './deps.ts';

export interface Probe {
  readonly isWritable: boolean;
  readonly error?: string;
}

// Everybody may call the health routes, so a result is kept for this time.
const keptMs = 1000;

/** Finds out whether the database can be written. */
export function createProbe(deps: Deps): () => Promise<Probe> {
  let last: Promise<Probe> | undefined;
  let probedAt = 0;
  return () => {
    if (last && performance.now() - probedAt < keptMs) return last;
    probedAt = performance.now();
    last = probeWrite(deps).then(
      () => ({ isWritable: true }),
      (error: Error) => ({ isWritable: false, error: error.message }),
    );
    return last;
  };
}

/**
 * A write without effect. It takes the write lock, so it fails under a foreign lock, on a read-only file and on a
 * closed store. Errors: `unavailable`.
 */
async function probeWrite(deps: Deps): Promise<void> {
  await deps.sql.write([{ sql: 'UPDATE orgs SET weight = weight WHERE false' }]);
}
