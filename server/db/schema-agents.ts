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
  (agent) => [uniqueIndex('agents_name').on(agent.owner, agent.name)],
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
    /** Where it was made for none: the first agent that used it. */
    agentName: text(),
    /** SHA-256 of the secret part, hex. */
    hash: text().notNull(),
    createdAt: integer().notNull(),
    expiresAt: integer(),
    lastUsedAt: integer(),
    revokedAt: integer(),
  },
  (token) => [
    index('tokens_org').on(token.orgId),
    // Servers that start at once make one operator token; others have another name (server/queue/orgs/recover-token.ts).
    uniqueIndex('tokens_operator')
      .on(token.scopes)
      .where(sql`scopes = '["operator"]' AND revoked_at IS NULL AND name = 'operator'`),
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
