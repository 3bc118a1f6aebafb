// What is deleted after some time, or to make room: what other rooms and the callers of the queue may use of this room.
export { findUnknownArtifacts, findUnknownJobs } from './find-unknown.ts';
export { pruneAppVersions } from './prune-app-versions.ts';
export { pruneAudit } from './prune-audit.ts';
export { pruneBorrows } from './prune-borrows.ts';
export { pruneBranches } from './prune-branches.ts';
export { pruneBundles } from './prune-bundles.ts';
export { pruneEvents, pruneLeases } from './prune-events.ts';
export { evidencePrunedAt, forgetArtifacts, oldestWithEvidence } from './prune-evidence.ts';
export { deleteJobs, jobsOfPrunedRuns, pruneRuns } from './prune-runs.ts';
export { pruneSessions } from './prune-sessions.ts';
export { pruneUnused, unusedKinds } from './prune-unused.ts';
