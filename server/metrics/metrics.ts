import { statSync } from 'node:fs';
import { type QueueGauges, readDepths, readGauges } from '../queue/figures/index.ts';
import type { Deps } from '../queue/store/deps.ts';
import type { Meter } from '../queue/store/meter.ts';
import { createLooks } from './looks.ts';
import { createMeter } from './meter.ts';
import { processMetrics } from './process-definitions.ts';
import { orgText, QueueSeries } from './queue-series.ts';
import {
  type CounterOf,
  createMetricSet,
  type GaugeOf,
  type MetricSet,
  type TimerOf,
  watchProcess,
} from './registry.ts';
import { createTargetLabels } from './target-labels.ts';

/** A loop as the series show it. */
export interface WatchedLoop {
  readonly name: string;
  readonly intervalMs: number;
  readonly state: { readonly lastRunAt: number | null; readonly errors: number };
}

/** What is read when somebody looks. */
export interface Looked {
  readonly queue: Deps;
  readonly loops: readonly WatchedLoop[];
  readonly heldPolls: () => number;
  /** Path of the database, where it is a file. */
  readonly file: string | undefined;
}

/** So many orgs have a look of theirs kept. */
const mostOrgs = 1000;

type Gauges = Record<(typeof gauges)[number], GaugeOf>;

/** The series of one server. */
export class Metrics {
  readonly series: MetricSet = createMetricSet();
  readonly meter: Meter;
  readonly #queue: QueueSeries;
  readonly #requests: CounterOf;
  readonly #requestTime: TimerOf;
  readonly #internal: CounterOf;
  readonly #ofProcess = watchProcess();
  readonly #gauges: Gauges;
  readonly #loopErrors: CounterOf;
  readonly #shownErrors = new Map<string, number>();
  readonly #looks = createLooks<QueueGauges | undefined>(1);
  readonly #ofOrgs = createLooks<string>(mostOrgs);

  constructor(version: string) {
    this.meter = createMeter(this.series, createTargetLabels());
    this.#queue = new QueueSeries(this.series);
    this.#requests = this.series.counter(processMetrics.requests);
    this.#requestTime = this.series.timer(processMetrics.requestTime);
    this.#internal = this.series.counter(processMetrics.internalErrors);
    this.#internal.add({}, 0);
    this.#loopErrors = this.series.counter(processMetrics.loopErrors);
    this.#gauges = Object.fromEntries(
      gauges.map((name) => [name, this.series.gauge(processMetrics[name])]),
    ) as Gauges;
    this.series.gauge(processMetrics.info).set({ version }, 1);
  }

  /** A request was answered. `route` is the path with its `:names`, never as it was called. */
  answered(method: string, route: string, status: number, ms: number): void {
    this.#requests.add({ method, route, status: String(status) });
    this.#requestTime.observe({ route }, ms / 1000);
  }

  /** A call ended with `internal`. */
  failed(): void {
    this.#internal.add({});
  }

  /** All series of this server, and those of the queue. */
  async text(looked: Looked): Promise<string> {
    const read = await this.#looks('all', () => readGauges(looked.queue).catch(() => undefined));
    this.#queue.set(read);
    this.#setProcess(looked, read !== undefined);
    return `${await this.series.text()}\n${await this.#ofProcess()}`;
  }

  /** The figures of one org. Errors: `unavailable`. */
  textOfOrg(queue: Deps, orgId: string): Promise<string> {
    return this.#ofOrgs(orgId, async () => orgText(await readDepths(queue, orgId)));
  }

  #setProcess({ loops, heldPolls, file }: Looked, isUp: boolean): void {
    this.#gauges.dbUp.set({}, isUp ? 1 : 0);
    this.#gauges.heldPolls.set({}, heldPolls());
    if (file !== undefined) {
      this.#gauges.dbFile.set({}, sizeOf(file));
      this.#gauges.dbWal.set({}, sizeOf(`${file}-wal`));
    }
    for (const { name, intervalMs, state } of loops) {
      this.#gauges.loopInterval.set({ loop: name }, intervalMs / 1000);
      if (state.lastRunAt !== null) this.#gauges.loopLast.set({ loop: name }, state.lastRunAt / 1000);
      this.#loopErrors.add({ loop: name }, state.errors - (this.#shownErrors.get(name) ?? 0));
      this.#shownErrors.set(name, state.errors);
    }
  }
}

const gauges = ['dbUp', 'heldPolls', 'dbFile', 'dbWal', 'loopLast', 'loopInterval'] as const;

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
