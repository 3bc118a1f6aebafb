import { type Definition, typeOf } from '../../server/metrics/definition.ts';
import { counters, queueMetrics, timers } from '../../server/metrics/definitions.ts';
import { nodeMetrics, processMetrics } from '../../server/metrics/process-definitions.ts';
import { markdownTable as table } from './markdown-table.ts';

const rowsOf = (definitions: Readonly<Record<string, Definition>>): string =>
  table(
    ['name', 'type', 'labels', 'means'],
    Object.values(definitions).map((one) => [
      `\`${one.name}\``,
      typeOf(one),
      (one.labels ?? []).map((label) => `\`${label}\``).join(', '),
      one.help,
    ]),
  );

/** The tables of docs/metrics.md, by the name of their marks. */
export const metricTables: Record<string, () => string> = {
  metrics_queue: () => rowsOf(queueMetrics),
  metrics_verbs: () => rowsOf({ ...counters, ...timers }),
  metrics_process: () => rowsOf(processMetrics),
  metrics_node: () => rowsOf(nodeMetrics),
};
