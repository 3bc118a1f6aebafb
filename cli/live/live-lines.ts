import { oneLine } from '../../protocol/clean-text.ts';
import { formatDuration } from '../../protocol/durations.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Counts } from '../../protocol/shapes/run.ts';
import { clock, progressLine } from '../output/progress-words.ts';
import { cut, displayWidth, pad } from '../output/table.ts';

/** What the live part of a wait shows. Instants are epoch ms. */
export interface LiveView {
  readonly counts: Counts;
  readonly elapsedMs: number;
  readonly now: number;
  readonly running: readonly Job[];
  /** The one that took longest of those that ended. */
  readonly slowest: Job | undefined;
  /** Why nothing runs: the place in the queue, an estimate. */
  readonly queue: string | undefined;
  readonly nameOf: (deviceId: string) => string | undefined;
}

const mostRunning = 8;

/** A line per running test, the slowest so far, the place in the queue, and the bar last. */
export function liveLines(view: LiveView, columns: number, rows: number): string[] {
  const extra = [view.slowest && slowestLine(view.slowest), view.queue && `  ${oneLine(view.queue)}`].filter(
    (line) => line !== undefined && line !== '',
  );
  const room = Math.max(0, Math.min(mostRunning, rows - 2 - extra.length));
  const shown = [...view.running].sort(byStart).slice(0, room);
  const hidden = view.running.length - shown.length;
  return [
    ...shown.map((job) => runningLine(job, view, columns)),
    ...(hidden > 0 && rows > 3 ? [`  and ${hidden} more running`] : []),
    ...(rows > 2 + extra.length ? (extra as string[]) : []),
    progressLine(view.counts, view.elapsedMs, columns),
  ];
}

const byStart = (a: Job, b: Job): number => (a.started_at ?? '').localeCompare(b.started_at ?? '');

/** `  tests/cart.spec.ts  pixel-8  0:12`; the device is left out where there is no room. */
function runningLine(job: Job, { now, nameOf }: LiveView, columns: number): string {
  const since = job.started_at === null ? '' : clock(Math.max(0, now - Date.parse(job.started_at)));
  const device = oneLine((job.device_id && nameOf(job.device_id)) || job.target);
  const end = columns < 60 ? `  ${since}` : `  ${pad(cut(device, 24), 24)}  ${since}`;
  const room = Math.max(8, columns - 3 - displayWidth(end));
  return `  ${pad(cut(oneLine(job.test_path), room), Math.min(room, 48))}${end}`;
}

function slowestLine({ test_path: path, duration_ms: ms }: Job): string {
  return ms === null ? '' : `  slowest so far: ${formatDuration(ms)}  ${oneLine(path)}`;
}
