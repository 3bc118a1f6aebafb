import { describe, expect, test } from 'vitest';
import makeAdapter from '../../bench/scheduling.ts';
import { simulate } from './farm.ts';
import { type Figures, measure } from './figures.ts';
import { findViolations } from './find-violations.ts';
import { type FarmJob, type FarmRun, groupOf, type Policy, type Workload } from './model.ts';
import { demo, flood, rush, starvation } from './workloads.ts';

/** Figures of one workload with the real store and scheduler, and with the two naive policies. */
interface Comparison {
  readonly qgjob: Figures;
  readonly oldest: Figures;
  readonly urgent: Figures;
}

async function compare(workload: Workload): Promise<Comparison> {
  return {
    qgjob: await play(workload, await makeAdapter()),
    oldest: await play(workload, oldestFirst()),
    urgent: await play(workload, urgentGroup()),
  };
}

async function play(workload: Workload, policy: Policy): Promise<Figures> {
  const spans = await simulate(workload, policy);
  expect(findViolations(workload, spans)).toEqual([]);
  return measure(workload, spans);
}

/** Mean feedback time of the runs over all workloads, as a share of that of the better naive policy. */
function flowShare(all: readonly Comparison[], of?: (run: FarmRun) => boolean): number {
  const sum = (who: keyof Comparison) => all.reduce((total, one) => total + one[who].meanFlow(of), 0);
  return sum('qgjob') / Math.min(sum('oldest'), sum('urgent'));
}

const worst = (all: readonly Comparison[], figure: 'installsPerGroup' | 'makespanRatio') =>
  Math.max(...all.map(({ qgjob }) => qgjob[figure]));

type Order = (a: FarmJob, b: FarmJob) => number;

const byAge: Order = (a, b) => a.arrival - b.arrival;
const byPriority: Order = (a, b) => b.priority - a.priority || byAge(a, b);

/** The oldest job of the target, one per lease. */
const oldestFirst = (): Policy => fromList(byAge, ([first]) => (first ? [first] : []));

/** The most urgent job of the target, with all queued jobs of its group. */
const urgentGroup = (): Policy =>
  fromList(byPriority, (jobs) => jobs.filter((job) => jobs[0] && groupOf(job) === groupOf(jobs[0])));

/** A policy with a queue in memory: it orders the jobs of the device's target and picks from them. */
function fromList(order: Order, pick: (jobs: readonly FarmJob[]) => readonly FarmJob[]): Policy {
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

// The bounds are a little above the figures of these seeds, and tight enough to notice a missing rule of the policy.
describe('the real scheduler in virtual time', () => {
  test('with few apps in overlapping bursts feedback is not slower than naive, with less than three installs per group', async () => {
    const all = [await compare(demo(1)), await compare(demo(2)), await compare(demo(3))];
    expect(worst(all, 'installsPerGroup')).toBeLessThanOrEqual(2.7);
    expect(worst(all, 'makespanRatio')).toBeLessThanOrEqual(1.12);
    expect(flowShare(all)).toBeLessThanOrEqual(1);
  });

  test('a hot app version spreads over an idle pool and ends within 12 % of the least possible', async () => {
    const all = [await compare(rush(1, 0))];
    expect(worst(all, 'makespanRatio')).toBeLessThanOrEqual(1.12);
    expect(worst(all, 'installsPerGroup')).toBeLessThanOrEqual(16);
  });

  test('small runs get past a hot app version in less than half the time', async () => {
    const all = [await compare(rush(1, 20)), await compare(rush(2, 20))];
    expect(flowShare(all)).toBeLessThanOrEqual(0.45);
    expect(worst(all, 'makespanRatio')).toBeLessThanOrEqual(1.15);
    expect(worst(all, 'installsPerGroup')).toBeLessThanOrEqual(3.1);
  });

  test('a job of priority 1 is not starved by more priority 9 than the pool can work off', async () => {
    const all = [await compare(starvation(1)), await compare(starvation(2))];
    const isStarved = (run: FarmRun) => run.org === 'poor';
    for (const { qgjob, urgent } of all) {
      expect(qgjob.longestWait(isStarved)).toBeLessThanOrEqual(900);
      expect(urgent.longestWait(isStarved)).toBeGreaterThan(2 * 900);
    }
    expect(flowShare(all)).toBeLessThanOrEqual(1.02);
    expect(worst(all, 'makespanRatio')).toBeLessThanOrEqual(1.08);
    expect(worst(all, 'installsPerGroup')).toBeLessThanOrEqual(1.15);
  });

  test("during one org's flood the other orgs wait about half as long as with a naive policy", async () => {
    const all = [await compare(flood(1)), await compare(flood(2))];
    expect(flowShare(all, (run) => run.org !== 'noisy')).toBeLessThanOrEqual(0.55);
    expect(flowShare(all)).toBeLessThanOrEqual(1.05);
    expect(worst(all, 'makespanRatio')).toBeLessThanOrEqual(1.12);
  });
});
