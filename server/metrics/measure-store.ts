import type { WriteQueue } from '../db/write-queue.ts';
import { processMetrics } from './process-definitions.ts';
import type { MetricSet } from './registry.ts';

/** The same write queue, with its reads, writes and commits counted and timed. `monotonic` is in ms. */
export function measureQueue(sql: WriteQueue, metrics: MetricSet, monotonic: () => number): WriteQueue {
  const reads = metrics.counter(processMetrics.dbReads);
  const statements = metrics.counter(processMetrics.dbStatements);
  const commits = metrics.counter(processMetrics.dbCommits);
  const errors = metrics.counter(processMetrics.dbErrors);
  const took = metrics.timer(processMetrics.dbWrite);
  const committed = metrics.timer(processMetrics.dbCommit);
  const reconnects = metrics.counter(processMetrics.dbReconnects);
  const waiting = metrics.gauge(processMetrics.dbQueue);
  let pending = 0;
  const failed = (error: unknown): never => {
    errors.add({ code: String((error as { code?: unknown }).code ?? 'internal') });
    throw error;
  };
  const wait = (n: number): void => {
    pending += n;
    waiting.set({}, pending);
  };
  wait(0);
  let replaced = 0;
  sql.onCommit((ms) => {
    commits.add({});
    committed.observe({}, ms / 1000);
    reconnects.add({}, sql.reconnects() - replaced);
    replaced = sql.reconnects();
  });
  return {
    ...sql,
    read(text, args) {
      reads.add({});
      return sql.read(text, args).catch(failed);
    },
    async write(all) {
      const from = monotonic();
      wait(1);
      try {
        const rows = await sql.write(all);
        statements.add({}, all.length);
        took.observe({}, (monotonic() - from) / 1000);
        return rows;
      } catch (error) {
        return failed(error);
      } finally {
        wait(-1);
      }
    },
  };
}
