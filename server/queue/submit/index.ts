// Runs, batches and jobs come in. All that other rooms and the callers of the queue may use of this room.
export { type Submitted, submitRun } from './submit-run.ts';
