// Who waits for work, the plan of a pool, the take: what other rooms and the callers of the queue may use of this room.
export { groupWorkMs, isGuessed } from './guesses.ts';
export { LeaseDispatcher } from './lease-dispatcher.ts';
export type { PollOptions } from './lease-poll.ts';
export { placeHunts } from './plan-hunts.ts';
export { expireQueued, poolsWithWork, queueDue } from './tick.ts';
