import type { Logger } from 'pino';
import { AuditLog } from './calls/audit-log.ts';
import { writeAudit } from './queue/audit/index.ts';
import type { Deps } from './queue/store/deps.ts';

/** The audit log of a server; a line that its database does not take goes into the server's own log. */
export const openAuditLog = (deps: Deps, log: Logger): AuditLog =>
  new AuditLog({
    store: (lines) => writeAudit(deps, lines),
    now: deps.now,
    onLost: (error, lines) => {
      for (const line of lines)
        log.error({ err: error, audit: line }, 'a line of the audit log was not written');
    },
  });
