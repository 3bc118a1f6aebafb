import { deviceStatuses } from '../../protocol/states.ts';
import type { QueueGauges, TargetDepth } from '../queue/figures/index.ts';
import { orgMetrics, queueMetrics } from './definitions.ts';
import { createMetricSet, type GaugeOf, type MetricSet } from './registry.ts';
import { chooseLabels } from './target-labels.ts';

type Name = keyof typeof queueMetrics;

/** A target with devices is shown with 0 where no job is on it: a series that comes and goes has no rate. */
const idle = { queued: 0, waiting: 0, leased: 0, wanted: 0, queuedMs: 0, oldestMs: 0 };

/** The gauges of the queue; set anew at each look. */
export class QueueSeries {
  readonly #gauges: Partial<Record<Name, GaugeOf>>;

  constructor(metrics: MetricSet, names?: readonly Name[]) {
    const all = Object.keys(queueMetrics) as Name[];
    this.#gauges = Object.fromEntries(
      (names ?? all).map((name) => [name, metrics.gauge(queueMetrics[name])]),
    );
  }

  /** What was read, or nothing where the database did not answer: an old figure would look like a new one. */
  set(read: QueueGauges | undefined): void {
    for (const gauge of Object.values(this.#gauges)) gauge.clear();
    if (!read) return;
    const offered = read.devices.map(({ target }) => target);
    const labelOf = chooseLabels(offered, targetsOf(read.targets));
    this.#setDepths([...offered.map((target) => ({ ...idle, target })), ...read.targets], labelOf);
    for (const [target, all] of sumBy(read.devices, (one) => labelOf(one.target)))
      for (const status of deviceStatuses) {
        const some = all.filter((one) => one.status === status);
        this.#set(
          'devices',
          { target, status },
          sumOf(some, (one) => one.n),
        );
      }
    this.#set('agents', {}, read.agentsOnline);
    this.#set('leases', {}, read.leasesActive);
    this.#set('runs', {}, read.runsActive);
    this.#set('outbox', {}, read.outboxRows);
    this.#set('outboxOldest', {}, read.outboxOldestMs / 1000);
  }

  /** The depths of one org, which are all that it may see. */
  setOwnDepths(depths: readonly TargetDepth[]): void {
    this.#setDepths(depths, chooseLabels([], targetsOf(depths)));
  }

  #setDepths(depths: readonly TargetDepth[], labelOf: (target: string) => string): void {
    for (const [target, all] of sumBy(depths, (one) => labelOf(one.target))) {
      for (const state of ['queued', 'waiting', 'leased'] as const)
        this.#set(
          'jobs',
          { target, state },
          sumOf(all, (one) => one[state]),
        );
      this.#set(
        'scale',
        { target },
        sumOf(all, (one) => one.wanted),
      );
      this.#set('work', { target }, sumOf(all, (one) => one.queuedMs) / 1000);
      this.#set('oldest', { target }, Math.max(...all.map((one) => one.oldestMs)) / 1000);
    }
  }

  #set(name: Name, labels: Record<string, string>, value: number): void {
    this.#gauges[name]?.set(labels, value);
  }
}

const targetsOf = (depths: readonly TargetDepth[]): string[] => depths.map(({ target }) => target);
const sumBy = <T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> => Map.groupBy(all, keyOf);
const sumOf = <T>(all: readonly T[], numberOf: (one: T) => number): number =>
  all.reduce((sum, one) => sum + numberOf(one), 0);

/** The figures of one org as text. */
export async function orgText(depths: readonly TargetDepth[]): Promise<string> {
  const metrics = createMetricSet();
  new QueueSeries(metrics, orgMetrics).setOwnDepths(depths);
  return metrics.text();
}
