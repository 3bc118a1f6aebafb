import { QgjobError } from '../../../protocol/errors.ts';
import { auditFile } from '../../calls/audit-file.ts';
import { auditPages, listAudit } from '../../queue/audit/index.ts';
import type { Page, Resource } from '../page.ts';
import { Card } from '../parts/card.tsx';
import { Link } from '../parts/link.tsx';
import { Pager } from '../parts/pager.tsx';
import { readCursor } from '../read-query.ts';
import { AuditTable } from './audit/audit-table.tsx';
import { SearchForm } from './audit/search-form.tsx';
import { searchOf, whichLines } from './audit/which-lines.ts';
import { settings } from './settings/frame.tsx';

/** Who did what to which id, newest first. */
export const auditPage: Page = {
  path: '/audit',
  scope: 'admin',
  async show({ queue }, call) {
    const cursor = readCursor(call, /^\d{1,15}$/);
    const search = searchOf(call);
    const which = whichLines(call, search);
    const { entries, next_cursor: next } = await listAudit(queue, { ...which, cursor }, call.viewer);
    const isOfAll = call.viewer.orgId === undefined;
    return settings(call, {
      title: 'Audit log',
      at: 'audit',
      body: (
        <>
          <SearchForm search={search} />
          <Card
            title={isOfAll ? 'What was done on this server' : `What was done in ${call.viewer.orgId}`}
            aside={
              <Link to="/audit.csv" query={search}>
                As CSV
              </Link>
            }
          >
            <AuditTable entries={entries} isOfAll={isOfAll} />
            <Pager to="/audit" query={search} cursor={cursor} next={next} />
          </Card>
        </>
      ),
    });
  },
};

/** The lines that the page shows, all of them, as a table for other programs. */
export const auditResource: Resource = {
  path: '/audit.csv',
  scope: 'admin',
  async answer({ queue, audit }, call) {
    const which = whichLines(call, searchOf(call));
    await audit.write({
      ...{ by: call.by, orgId: call.viewer.orgId ?? null, action: 'audit.exported' },
      ...{ targetKind: '', targetId: '', detail: { format: 'csv', ...which } },
    });
    return auditFile(auditPages(queue, which, call.viewer), 'csv', async () => {
      if (!(await call.isLive())) throw new QgjobError('unauthorized', 'the session has ended');
    });
  },
};
