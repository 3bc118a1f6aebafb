// What a run came to, and why: what the callers of the queue may use of this room.
export { explainRun } from './explain-run.ts';
