import { index, integer, sqliteTable, text, uniqueIndex } from './drizzle.ts';

/** Repositories of GitHub that may get a token of an org. A row is never changed: a new policy is a new row. */
export const githubBindings = sqliteTable(
  'github_bindings',
  {
    /** Ids sort as the list was given. */
    id: text().primaryKey(),
    orgId: text().notNull(),
    repositoryOwnerId: text().notNull(),
    /** Null: every repository of the owner. */
    repositoryId: text(),
    /** JSON array; null: the events that need write access. */
    events: text(),
    /** JSON array of patterns; null: all refs. */
    refs: text(),
    /** JSON array; null: submit. */
    scopes: text(),
    createdAt: integer().notNull(),
  },
  (binding) => [
    index('github_bindings_owner').on(binding.repositoryOwnerId),
    index('github_bindings_org').on(binding.orgId),
  ],
);

/** Each OIDC token that was exchanged, and the token that it gave. Deleted some time after both are worth nothing. */
export const githubSignIns = sqliteTable(
  'github_sign_ins',
  {
    /** Public id of the token that was given. */
    id: text().primaryKey(),
    /** The id of GitHub's token: a second exchange of it finds this row. */
    jti: text().notNull(),
    orgId: text().notNull(),
    /** JSON array. */
    scopes: text().notNull(),
    /** SHA-256 of the secret part, hex. */
    hash: text().notNull(),
    /** What GitHub has proved (JSON, protocol/github.ts). */
    facts: text().notNull(),
    createdAt: integer().notNull(),
    expiresAt: integer().notNull(),
    lastUsedAt: integer(),
    revokedAt: integer(),
  },
  (signIn) => [
    uniqueIndex('github_sign_ins_jti').on(signIn.jti),
    index('github_sign_ins_org').on(signIn.orgId, signIn.expiresAt),
    index('github_sign_ins_expired').on(signIn.expiresAt),
  ],
);
