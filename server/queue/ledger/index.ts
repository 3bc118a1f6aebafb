// The flake ledger: how each test went in the last days. What other rooms and the callers of the queue may use of this room.
export { forgetDays } from './forget-days.ts';
export { listTests } from './list-tests.ts';
export { addQuarantine, listQuarantines, removeQuarantine } from './quarantines.ts';
export { readTest } from './read-test.ts';
export { readTargets } from './same-test.ts';
export { writeLedger } from './write-ledger.ts';
