// The only file that knows the library.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client';
import type { Definition } from './definition.ts';
import { nodeMetrics } from './process-definitions.ts';

export type Labels = Readonly<Record<string, string>>;

export interface CounterOf {
  add(labels: Labels, n?: number): void;
}

export interface TimerOf {
  observe(labels: Labels, seconds: number): void;
}

export interface GaugeOf {
  set(labels: Labels, value: number): void;
  /** Forgets all values. */
  clear(): void;
}

/** The series of one process or of one look, and their text. */
export interface MetricSet {
  counter(definition: Definition): CounterOf;
  timer(definition: Definition): TimerOf;
  gauge(definition: Definition): GaugeOf;
  /** In the text format of Prometheus. */
  text(): Promise<string>;
}

export function createMetricSet(): MetricSet {
  const registry = new Registry();
  const optionsOf = ({ name, help, labels = [] }: Definition) => ({
    ...{ name, help, registers: [registry] },
    labelNames: [...labels],
  });
  return {
    counter(definition) {
      const counter = new Counter<string>(optionsOf(definition));
      return { add: (labels, n = 1) => counter.inc(labels, n) };
    },
    timer(definition) {
      const buckets = [...(definition.buckets ?? [])];
      const histogram = new Histogram<string>({ ...optionsOf(definition), buckets });
      return { observe: (labels, seconds) => histogram.observe(labels, seconds) };
    },
    gauge(definition) {
      const gauge = new Gauge<string>(optionsOf(definition));
      return { set: (labels, value) => gauge.set(labels, value), clear: () => gauge.reset() };
    },
    text: () => registry.metrics(),
  };
}

let ofProcess: Registry | undefined;

/** What Node says of the process: memory, handles, the lag of the event loop. Watched from the first call on, once. */
export function watchProcess(): () => Promise<string> {
  if (!ofProcess) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
    const kept = new Set<string>(Object.values(nodeMetrics).map(({ name }) => name));
    for (const { name } of ofProcess.getMetricsAsArray())
      if (!kept.has(name)) ofProcess.removeSingleMetric(name);
  }
  const registry = ofProcess;
  return () => registry.metrics();
}
