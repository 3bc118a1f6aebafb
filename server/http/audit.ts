import { auditFile } from '../calls/audit-file.ts';
import { viewerOf } from '../calls/viewer-of.ts';
import { auditPages, listAudit } from '../queue/audit/index.ts';
import type { Handlers } from './handler.ts';

export const auditHandlers: Pick<Handlers, 'listAudit' | 'exportAudit'> = {
  listAudit: ({ queue }, { principal, query }) => listAudit(queue, query, viewerOf(principal, query.org_id)),

  exportAudit({ queue }, { principal, query, recheck }) {
    const { format = 'ndjson', org_id: orgId, ...which } = query;
    return auditFile(auditPages(queue, which, viewerOf(principal, orgId)), format, recheck);
  },
};
