import Database from 'libsql';

interface Preparer {
  prepare(sql: string): unknown;
}

/** More than the server's fixed statements. Beyond are lists with filters, of which the oldest is dropped. */
const keptPerConnection = 400;

const kept = new WeakMap<Preparer, Map<string, unknown>>();
let isOn = false;

/**
 * Lets connections to local files keep their prepared statements. The client prepares a statement anew at every call, and
 * to plan a statement of the scheduler takes longer than to run it. A statement resets itself before each run, and SQLite
 * prepares it again after a change of the schema. The statements are dropped with their connection.
 */
export function keepStatements(): void {
  if (isOn) return;
  isOn = true;
  const connections = Database.prototype as unknown as Preparer;
  const { prepare } = connections;
  connections.prepare = function prepareOnce(this: Preparer, sql: string) {
    const mine = kept.get(this) ?? new Map<string, unknown>();
    kept.set(this, mine);
    const known = mine.get(sql) ?? prepare.call(this, sql);
    // Moves it to the end: the least recently used is dropped first.
    mine.delete(sql);
    mine.set(sql, known);
    for (const oldest of mine.keys()) {
      if (mine.size <= keptPerConnection) break;
      mine.delete(oldest);
    }
    return known;
  };
}
