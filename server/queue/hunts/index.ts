// Quarantined tests hunted by themselves, and their owners told: what the callers of the queue may use of this room.
export { huntQuarantined } from './hunt-quarantined.ts';
export { endHunts, settleHunts } from './settle-hunts.ts';
export { tellEnds } from './tell-ends.ts';
