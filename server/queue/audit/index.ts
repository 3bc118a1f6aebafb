// Who did what: what other rooms and the callers of the queue may use of this room.
export { auditPages, listAudit, type WhichLines } from './list-audit.ts';
export { ownerOf } from './owner-of.ts';
export { writeAudit } from './write-audit.ts';
