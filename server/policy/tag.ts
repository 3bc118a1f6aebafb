/** How much earlier a step of priority lets a batch appear to have come, in ms. */
const headStartMs = 600_000;

/**
 * The rank of a batch in its pool, lower first: the time of its arrival, moved back by its priority. It never changes,
 * so it can be an index; a batch that waits is in the end before every later one, so nobody starves.
 */
export const arrivalTag = (arrivedAt: number, priority: number): number => arrivedAt - priority * headStartMs;
