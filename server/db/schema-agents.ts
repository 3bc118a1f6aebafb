import { check, index, integer, sql, sqliteTable, text, uniqueIndex } from './drizzle.ts';

export const agents = sqliteTable(
  'agents',
  {
    id: text().primaryKey(),
    /** The org whose jobs it serves; '' is shared. */
    owner: text().notNull(),
    name: text().notNull(),
    /** One start of the agent process; a newer start replaces it. */
    bootId: text().notNull(),
    /** The last earlier boot ids (JSON): their processes must not take the name back. */
    replacedBoots: text().notNull().default('[]'),
    version: text().notNull(),
    drain: integer().notNull().default(0),
    /** The token with which it registered; no other one may speak for it. Null: it was the operator's, or it registered before this was kept. */
    tokenId: text(),
    registeredAt: integer().notNull(),
    lastSeenAt: integer().notNull(),
  },
  (agent) => [
    uniqueIndex('agents_name').on(agent.owner, agent.name),
    // The agents of a token that was revoked or replaced.
    index('agents_token').on(agent.tokenId).where(sql`token_id IS NOT NULL`),
  ],
);

export const devices = sqliteTable(
  'devices',
  {
    id: text().primaryKey(),
    agentId: text().notNull(),
    name: text().notNull(),
    owner: text().notNull(),
    target: text().notNull(),
    poolId: integer().notNull(),
    platform: text(),
    osVersion: text(),
    labels: text().notNull().default('{}'),
    /** 0 once the agent no longer lists it. */
    listed: integer().notNull().default(1),
    pausedAt: integer(),
    /** Infrastructure errors in a row, and the words of the last one. */
    strikes: integer().notNull().default(0),
    strikeError: text(),
    /** Benched until then: it gets no lease. */
    benchedUntil: integer(),
    /** What its agent finds wrong with it, in words: it gets no lease until the agent finds nothing. */
    fault: text(),
    /** Why it is to blame for its infrastructure errors, in words: it gets no lease until somebody resumes it. */
    blame: text(),
    /** Attempts before this instant say nothing of it any more. */
    blameFrom: integer(),
    /** 1: it took an overdue batch, and none since that was not. */
    pinned: integer().notNull().default(0),
    /** What is installed on it, as far as the server knows. */
    installedGroupId: integer(),
    /** 1: a person had it since its last install, so what its agent says is installed does not count. */
    doubted: integer().notNull().default(0),
    /** Hashes of sources (JSON) that its host cannot run now, as its last request said; null: none. */
    busySources: text(),
  },
  (device) => [
    uniqueIndex('devices_name').on(device.agentId, device.name),
    index('devices_pool').on(device.poolId),
    // What the devices of a pool have installed, each group once.
    index('devices_pool_group')
      .on(device.poolId, device.installedGroupId)
      .where(sql`installed_group_id IS NOT NULL`),
    // choose: how many devices hold a group.
    index('devices_group').on(device.installedGroupId).where(sql`installed_group_id IS NOT NULL`),
  ],
);

export const tokens = sqliteTable(
  'tokens',
  {
    id: text().primaryKey(),
    name: text().notNull(),
    orgId: text(),
    /** JSON array of scopes; `operator` passes for all. */
    scopes: text().notNull(),
    shared: integer().notNull().default(0),
    /** The agents that it was made for; a pattern. */
    agentNames: text(),
    /** Patterns of the targets that its agents may offer (JSON); null: all. */
    agentTargets: text(),
    /** Where it was made for none: the first agent that used it. */
    agentName: text(),
    /** SHA-256 of the secret part, hex. */
    hash: text().notNull(),
    createdAt: integer().notNull(),
    expiresAt: integer(),
    lastUsedAt: integer(),
    revokedAt: integer(),
    /** The token by which it was made: it ends with that one. Null: of the server itself, or older than this column. */
    parentId: text(),
    /** The first token of those that replace each other; null: this one. */
    rootId: text(),
    /** The token that it replaces. */
    replacesId: text(),
    /** The token whose call has replaced that one, and so got this one's secret. */
    rotatedBy: text(),
  },
  (token) => [
    index('tokens_org').on(token.orgId),
    // What ends with a token, and which tokens replace each other.
    index('tokens_parent').on(token.parentId).where(sql`parent_id IS NOT NULL`),
    index('tokens_root').on(token.rootId).where(sql`root_id IS NOT NULL`),
    index('tokens_replaces').on(token.replacesId).where(sql`replaces_id IS NOT NULL`),
    index('tokens_rotated').on(token.rotatedBy).where(sql`rotated_by IS NOT NULL`),
    // Those that were revoked a moment ago.
    index('tokens_revoked').on(token.revokedAt).where(sql`revoked_at IS NOT NULL`),
    // Servers that start at once make one operator token; others have another name (server/queue/orgs/recover-token.ts).
    uniqueIndex('tokens_operator')
      .on(token.scopes)
      .where(sql`scopes = '["operator"]' AND revoked_at IS NULL AND name = 'operator'`),
  ],
);

/** Sessions of browsers. Deleted some time after their end. */
export const webSessions = sqliteTable(
  'web_sessions',
  {
    id: text().primaryKey(),
    /** SHA-256 of the cookie's secret, hex. */
    hash: text().notNull(),
    /** Of whom it is. */
    tokenId: text().notNull(),
    createdAt: integer().notNull(),
    expiresAt: integer().notNull(),
    /** Signed out. */
    endedAt: integer(),
  },
  (session) => [
    index('web_sessions_token').on(session.tokenId),
    index('web_sessions_expiry').on(session.expiresAt),
  ],
);

/** What is derived with these keys is the same on every server of this database, and is not stored itself. */
export const keys = sqliteTable(
  'keys',
  {
    name: text().primaryKey(),
    /** Random bytes, hex. */
    value: text().notNull(),
    createdAt: integer().notNull(),
  },
  () => [check('keys_value', sql`length(value) = 64`)],
);
