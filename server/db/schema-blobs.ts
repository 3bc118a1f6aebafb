import { integer, sqliteTable, text } from './drizzle.ts';

/**
 * Files by their content that somebody has begun to upload, or that a server is deleting: between these two, also of two
 * servers, the database decides. A mark that is a day old says nothing any more.
 */
export const blobMarks = sqliteTable('blob_marks', {
  /** The file's name in the blob store. */
  name: text().primaryKey(),
  /** The last upload that was begun. */
  touchedAt: integer().notNull(),
  /** Until then one server may delete it, and nobody uploads it. */
  deletingUntil: integer(),
  /** The deletion whose claim that is. */
  holder: text(),
});

/** Work that one server at a time does: its holder, or after `until` whoever asks first. */
export const workClaims = sqliteTable('work_claims', {
  name: text().primaryKey(),
  /** A process. */
  holder: text().notNull(),
  until: integer().notNull(),
});
