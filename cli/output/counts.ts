import type { Counts } from '../../protocol/shapes/run.ts';

/** Jobs of any status; `flaky` is a part of passed. */
export const totalOf = ({ flaky: _, ...byStatus }: Counts): number =>
  Object.values(byStatus).reduce((sum, count) => sum + count, 0);

export const doneOf = ({ passed, failed, errored, cancelled }: Counts): number =>
  passed + failed + errored + cancelled;

/** Final jobs in words, without zeros: `4 passed (1 flaky)`, `2 failed`. */
export function endedParts(counts: Counts): string[] {
  const passed = counts.flaky > 0 ? ` (${counts.flaky} flaky)` : '';
  return [
    counts.passed > 0 && `${counts.passed} passed${passed}`,
    counts.failed > 0 && `${counts.failed} failed`,
    counts.errored > 0 && `${counts.errored} errored`,
    counts.cancelled > 0 && `${counts.cancelled} cancelled`,
  ].filter((part) => part !== false);
}

/** Jobs that are not final, in words. A scheduled one has its device and counts as running. */
export function openParts(counts: Counts): string[] {
  const running = counts.running + counts.scheduled;
  return [
    running > 0 && `${running} running`,
    counts.queued > 0 && `${counts.queued} queued`,
    counts.waiting > 0 && `${counts.waiting} waiting`,
  ].filter((part) => part !== false);
}
