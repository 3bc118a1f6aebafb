// Renewal, release, expiry and the install of a lease: what other rooms and the callers of the queue may use of this
// room.
export { endLeasesOfRevoked } from './end-leases-of-revoked.ts';
export { countExpired, type Expiring, expireLease, expireStatements } from './expire-lease.ts';
export { endEmptyLeases, giveBack, releaseLease } from './release-lease.ts';
export { readHeartbeat, renewLeases } from './renew-leases.ts';
export { newestInstant, repairTimes } from './repair-times.ts';
export { reportInstalled } from './report-installed.ts';
export { rescueExpired, rescueOverdue } from './rescue-leases.ts';
