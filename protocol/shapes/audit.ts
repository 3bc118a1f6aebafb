import * as z from 'zod';
import { actorKinds, auditActions } from '../audit-actions.ts';
import { limits } from '../limits.ts';
import { Cursor, Instant, NextCursor, OrgId, queryInt } from './common.ts';

/** One thing that somebody did. */
export const AuditEntry = z.object({
  seq: z.int().describe('Counts up, and is never given twice'),
  at: Instant.describe('When it was written down, right after it was done'),
  org_id: OrgId.nullable().describe('Whose it was; null: of the whole server'),
  actor_kind: z.enum(actorKinds),
  token_id: z.string().describe("The public id of the caller's token; '' where there was none"),
  actor_name: z.string().describe('The name of that token, or the repository and the run of a workflow'),
  address: z.string().describe("Where the call came from, as limits count it; '' where that is not known"),
  action: z.string().describe('token.created and the like'),
  target_kind: z.string(),
  target_id: z.string(),
  request_id: z.string(),
  detail: z.record(z.string(), z.unknown()).describe('A few chosen facts; never a secret'),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

const which = {
  org_id: OrgId.optional().describe('For the operator; an admin sees the own org alone'),
  action: z.enum(auditActions).optional(),
  token_id: z.string().max(100).optional().describe('What this token has done'),
  target: z.string().max(200).optional().describe('What was done to this id'),
  since: Instant.optional(),
  until: Instant.optional().describe('Before this instant'),
};

export const AuditFilters = z.strictObject({
  ...which,
  limit: queryInt(1, limits.maxPageSize).optional(),
  cursor: Cursor.optional(),
});
export type AuditFilters = z.infer<typeof AuditFilters>;

export const auditFormats = ['csv', 'ndjson'] as const;

export const AuditExportQuery = z.strictObject({
  ...which,
  format: z.enum(auditFormats).optional().describe('Default: ndjson, a JSON object a line'),
});
export type AuditExportQuery = z.infer<typeof AuditExportQuery>;

export const AuditList = z.object({ entries: z.array(AuditEntry), next_cursor: NextCursor });
export type AuditList = z.infer<typeof AuditList>;
