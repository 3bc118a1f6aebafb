import type { Deps } from './deps.ts';

/**
 * A write without effect: it takes the write lock, and so meets a foreign lock, a read-only file or a closed store.
 * Errors: `unavailable`.
 */
export async function probeWrite(deps: Deps): Promise<void> {
  await deps.sql.write([{ sql: 'UPDATE orgs SET weight = weight WHERE false' }]);
}
