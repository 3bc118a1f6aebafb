// The flake ledger: how each test went in the last days. What other rooms and the callers of the queue may use of this room.
export { forgetDays } from './forget-days.ts';
export { listTests } from './list-tests.ts';
export { type FoundByHunt, toHunt, toQuarantine } from './quarantine-view.ts';
export { addQuarantine, listQuarantines, removeQuarantine } from './quarantines.ts';
export { readTest } from './read-test.ts';
export { readVerdicts } from './read-verdicts.ts';
export { resultsOfJob } from './results-of-job.ts';
export { readTargets } from './same-test.ts';
export { fileOf, type TestIdentity, testIdOf } from './test-identity.ts';
export { writeLedger } from './write-ledger.ts';
