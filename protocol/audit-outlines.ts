import { all } from './outline.ts';

/** Those of outlines.ts that are about the audit log. */
export const auditOutlines = {
  AuditEntry: {
    ...all('s', 'at token_id actor_name address action target_kind target_id request_id'),
    ...{ seq: 'n', org_id: 's?', actor_kind: 'w', detail: 'o' },
  },
} as const;
