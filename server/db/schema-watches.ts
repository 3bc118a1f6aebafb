import { index, integer, sqliteTable, text } from './drizzle.ts';

/** Runs that are cancelled when nobody waits for them any more (`on_client_gone: "cancel"`). */
export const runWatches = sqliteTable(
  'run_watches',
  {
    runId: text().primaryKey(),
    /** Who submitted it: a token, or all those of one attempt of a workflow. Nobody else's GET counts. */
    watcher: text().notNull(),
    /** When the watcher was there last. Epoch ms. */
    seenAt: integer().notNull(),
  },
  (watch) => [index('run_watches_seen').on(watch.seenAt)],
);
