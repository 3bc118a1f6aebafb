import type { Counted, Meter, Timed } from '../queue/store/meter.ts';
import { counters, timers } from './definitions.ts';
import type { Labels, MetricSet } from './registry.ts';

/** A meter whose counts become series. `labelOf` makes the label of a target. */
export function createMeter(metrics: MetricSet, labelOf: (target: string) => string): Meter {
  const counted = mapOf(counters, (definition) => metrics.counter(definition));
  const timed = mapOf(timers, (definition) => metrics.timer(definition));
  const labelsOf = (given: object): Labels => {
    const labels = given as Labels;
    return labels.target === undefined ? labels : { ...labels, target: labelOf(labels.target) };
  };
  // A series that has no labels is there from the start, with 0: a rate of it is known before its first event.
  for (const name of Object.keys(counters) as (keyof Counted)[])
    if (counters[name].labels === undefined) counted[name].add({}, 0);
  return {
    count: (name, labels, n) => counted[name].add(labelsOf(labels), n),
    time: (name: keyof Timed, labels, ms) => timed[name].observe(labelsOf(labels), Math.max(0, ms) / 1000),
  };
}

const mapOf = <K extends string, V, W>(record: Readonly<Record<K, V>>, make: (value: V) => W): Record<K, W> =>
  Object.fromEntries(Object.entries<V>(record).map(([name, value]) => [name, make(value)])) as Record<K, W>;
