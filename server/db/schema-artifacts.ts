import { check, integer, sql, sqliteTable, text, uniqueIndex } from './drizzle.ts';

/** Files that attempts left. Their bytes are in the blob store; the key is made of the job's id and the artifact's. */
export const artifacts = sqliteTable(
  'artifacts',
  {
    id: text().primaryKey(),
    orgId: text().notNull(),
    jobId: text().notNull(),
    attempt: integer().notNull(),
    /** The agent's name for it; never a path on the server. */
    name: text().notNull(),
    size: integer().notNull(),
    /** Hash of the bytes, hex. */
    sha256: text().notNull(),
    createdAt: integer().notNull(),
  },
  (artifact) => [
    // upload: one file of a name in an attempt, and what the job has so far; the list of a job.
    uniqueIndex('artifacts_name').on(artifact.jobId, artifact.attempt, artifact.name),
    check('artifacts_size', sql`size >= 0`),
    check('artifacts_sha256', sql`length(sha256) = 64`),
  ],
);
