import { check, index, integer, primaryKey, sql, sqliteTable, text } from './drizzle.ts';

/**
 * What was done in a span of time, by org and target: the sums behind `qgjob metrics`. Written by a loop that follows the
 * events, so that no verb is slower for it.
 */
export const figures = sqliteTable(
  'figures',
  {
    /** Minutes that a row is about: 10, kept for some hours; 60, kept for eight days; or a day of UTC, kept for a year. */
    span: integer().notNull(),
    orgId: text().notNull(),
    /** When the span begins, epoch ms. */
    startsAt: integer().notNull(),
    /** '' for what is about whole runs. */
    target: text().notNull(),
    /** Counts and histograms (JSON, server/queue/figures/sums.ts). */
    sums: text().notNull(),
  },
  (figure) => [
    primaryKey({ columns: [figure.span, figure.orgId, figure.startsAt, figure.target] }),
    // All orgs of a window, and rows that are too old.
    index('figures_starts').on(figure.span, figure.startsAt),
    check('figures_span', sql`span IN (10, 60, 1440)`),
  ],
);

/** One row (id 1): up to which event the figures are summed. */
export const figuresCursor = sqliteTable('figures_cursor', {
  id: integer().primaryKey(),
  seq: integer().notNull(),
});
