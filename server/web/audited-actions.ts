import type { AuditAction, AuditTarget } from '../../protocol/audit-actions.ts';
import { isCancelled } from '../queue/runs/index.ts';
import type { Detail } from '../queue/store/audit-line.ts';
import type { Deps } from '../queue/store/deps.ts';

/** What the audit log says of a form that was taken. */
export interface AuditedAction {
  readonly action: AuditAction;
  readonly kind: AuditTarget;
  /** Where its id stands in the path. Default: `id`. Null: the form says what it has made (`made`), or has made nothing. */
  readonly param?: string | null;
  /** The fields that the log shows. */
  readonly fields?: readonly string[];
  readonly detail?: Detail;
  /** Whether what the form asks for is so already: then it changes nothing, and nothing is written. */
  readonly alreadySo?: (queue: Deps, id: string) => Promise<boolean>;
}

/** The verb writes the line itself, in the commit of what it does. */
type InCommit = 'in its commit';

const orgChanged = { action: 'org.changed', kind: 'org' } as const;
const made = { param: null } as const;

/** Of every form of the dashboard, by its path below /ui. */
export const auditedActions: Readonly<Record<string, AuditedAction | InCommit>> = {
  '/runs/:id/cancel': {
    ...{ action: 'run.cancelled', kind: 'run' },
    alreadySo: (queue, id) => isCancelled(queue, 'run', id),
  },
  '/runs/:id/retry': 'in its commit',
  '/jobs/:id/cancel': {
    ...{ action: 'job.cancelled', kind: 'job' },
    alreadySo: (queue, id) => isCancelled(queue, 'job', id),
  },
  '/jobs/:id/retry': 'in its commit',
  '/dead-letters/jobs/:id/retry': 'in its commit',
  '/dead-letters/runs/:id/retry': 'in its commit',
  '/devices/:id/pause': { action: 'device.paused', kind: 'device' },
  '/devices/:id/resume': { action: 'device.resumed', kind: 'device' },
  '/devices/:id/borrow': { action: 'device.borrowed', kind: 'device', fields: ['minutes'] },
  '/devices/:id/borrows/:borrow/extend': { action: 'device.extended', kind: 'device', fields: ['minutes'] },
  '/devices/:id/borrows/:borrow/return': { action: 'device.returned', kind: 'device' },
  '/agents/:id/drain': { action: 'agent.drained', kind: 'agent' },
  '/agents/:id/undrain': { action: 'agent.undrained', kind: 'agent' },
  '/tests/:id/quarantine': {
    ...{ action: 'quarantine.added', kind: 'quarantine', ...made },
    fields: ['ends_at'],
  },
  '/tests/:id/quarantines/:quarantine/end': {
    ...{ action: 'quarantine.removed', kind: 'quarantine' },
    param: 'quarantine',
  },
  '/settings/orgs': {
    ...{ action: 'org.created', kind: 'org', ...made },
    fields: ['weight', 'max_leases'],
  },
  '/settings/orgs/:id': { ...orgChanged, fields: ['weight', 'max_leases'] },
  '/settings/orgs/:id/pause': { ...orgChanged, detail: { paused: true } },
  '/settings/orgs/:id/resume': { ...orgChanged, detail: { paused: false } },
  '/settings/orgs/:id/targets': { ...orgChanged, fields: ['paused_targets'] },
  '/settings/tokens': {
    ...{ action: 'token.created', kind: 'token', ...made },
    fields: ['name', 'scope', 'agent_names', 'days'],
  },
  '/settings/tokens/:id/revoke': { action: 'token.revoked', kind: 'token' },
  '/settings/tokens/:id/rotate': { action: 'token.rotated', kind: 'token', fields: ['overlap_minutes'] },
};
