/**
 * What a line of the audit log says was done: a noun, and what happened to it. A word that was once written stays as it is;
 * docs/operations.md explains them.
 */
export const auditActions = [
  'run.submitted',
  'run.cancelled',
  'run.retried',
  'job.cancelled',
  'job.deleted',
  'job.retried',
  'bundle.uploaded',
  'app.registered',
  'app.uploaded',
  'quarantine.added',
  'quarantine.removed',
  'agent.registered',
  'agent.drained',
  'agent.undrained',
  'agent.paused',
  'agent.resumed',
  'device.paused',
  'device.resumed',
  'device.borrowed',
  'device.extended',
  'device.returned',
  'org.created',
  'org.changed',
  'github.bindings_set',
  'github.signed_in',
  'token.created',
  'token.revoked',
  'token.rotated',
  'webhook.created',
  'webhook.rotated',
  'webhook.deleted',
  'backup.made',
  'audit.exported',
  'session.begun',
  'session.ended',
  'refused',
] as const;
export type AuditAction = (typeof auditActions)[number];

/** Who did it. `session`: the token of a browser's session; `stranger`: a call without a token that is good. */
export const actorKinds = ['operator', 'token', 'github', 'agent', 'lease', 'session', 'stranger'] as const;
export type ActorKind = (typeof actorKinds)[number];

/** What a target's id is of. */
export type AuditTarget =
  | ''
  | 'agent'
  | 'app_version'
  | 'borrow'
  | 'bundle'
  | 'device'
  | 'job'
  | 'org'
  | 'quarantine'
  | 'run'
  | 'token'
  | 'webhook';
