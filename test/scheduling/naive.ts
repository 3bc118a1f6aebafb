import { type FarmJob, groupOf, type Policy } from './model.ts';

type Order = (a: FarmJob, b: FarmJob) => number;

const byAge: Order = (a, b) => a.arrival - b.arrival;
const byPriority: Order = (a, b) => b.priority - a.priority || byAge(a, b);

/** The oldest job of the target, one a lease. */
export const oldestFirst = (): Policy => fromList(byAge, ([first]) => (first ? [first] : []));

/** The most urgent job of the target, and with it all that is queued of its group. */
export const urgentGroup = (): Policy =>
  fromList(byPriority, (jobs) => jobs.filter((job) => jobs[0] && groupOf(job) === groupOf(jobs[0])));

/** A policy that keeps its queue in memory, in an order, and picks from the jobs of the device's target. */
export function fromList(order: Order, pick: (jobs: readonly FarmJob[]) => readonly FarmJob[]): Policy {
  let queue: FarmJob[] = [];
  return {
    async onArrive(jobs) {
      queue.push(...jobs);
    },
    async choose(_state, { target }) {
      const picked = pick(queue.filter((job) => job.target === target).sort(order));
      queue = queue.filter((job) => !picked.includes(job));
      return picked.length > 0 ? { jobs: picked.map((job) => job.id) } : null;
    },
  };
}
