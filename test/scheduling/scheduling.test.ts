import { describe, expect, test } from 'vitest';
import makeAdapter from '../../bench/scheduling.ts';
import { simulate } from './farm.ts';
import { type Figures, measure } from './figures.ts';
import { findViolations } from './find-violations.ts';
import type { FarmRun, Policy, Workload } from './model.ts';
import { oldestFirst, urgentGroup } from './naive.ts';
import { demo, flood, rush, starvation } from './workloads.ts';

/** The same workload under the real store and scheduler, and under what users run today. */
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

/** Over all of them: mean feedback time of the runs, as a share of that of the better naive policy. */
function flowShare(all: readonly Comparison[], of?: (run: FarmRun) => boolean): number {
  const sum = (who: keyof Comparison) => all.reduce((total, one) => total + one[who].meanFlow(of), 0);
  return sum('qgjob') / Math.min(sum('oldest'), sum('urgent'));
}

const worst = (all: readonly Comparison[], figure: 'installsPerFamily' | 'makespanRatio') =>
  Math.max(...all.map(({ qgjob }) => qgjob[figure]));

// The bounds leave some room over what these seeds give, and less than any rule of the policy is worth.
describe('the real scheduler in virtual time', () => {
  test('few apps in crossing bursts: sooner than the naive ones, by less than three installs per group', async () => {
    const all = [await compare(demo(1)), await compare(demo(2)), await compare(demo(3))];
    expect(worst(all, 'installsPerFamily')).toBeLessThanOrEqual(2.7);
    expect(worst(all, 'makespanRatio')).toBeLessThanOrEqual(1.12);
    expect(flowShare(all)).toBeLessThanOrEqual(1);
  });

  test('a hot app version spreads over an idle pool and ends within 12 % of the least possible', async () => {
    const all = [await compare(rush(1, 0))];
    expect(worst(all, 'makespanRatio')).toBeLessThanOrEqual(1.12);
    expect(worst(all, 'installsPerFamily')).toBeLessThanOrEqual(16);
  });

  test('small runs get past a hot app version in less than half the time', async () => {
    const all = [await compare(rush(1, 20)), await compare(rush(2, 20))];
    expect(flowShare(all)).toBeLessThanOrEqual(0.45);
    expect(worst(all, 'makespanRatio')).toBeLessThanOrEqual(1.15);
    expect(worst(all, 'installsPerFamily')).toBeLessThanOrEqual(3.1);
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
    expect(worst(all, 'installsPerFamily')).toBeLessThanOrEqual(1.15);
  });

  test("behind one org's flood the others wait about half as long as they do today", async () => {
    const all = [await compare(flood(1)), await compare(flood(2))];
    expect(flowShare(all, (run) => run.org !== 'noisy')).toBeLessThanOrEqual(0.55);
    expect(flowShare(all)).toBeLessThanOrEqual(1.05);
    expect(worst(all, 'makespanRatio')).toBeLessThanOrEqual(1.12);
  });
});
