import type { Counts } from '../../protocol/shapes/run.ts';
import { doneOf, endedParts, openParts, totalOf } from './counts.ts';
import { cut } from './table.ts';

/** Seconds as a clock: `0:07`, `12:30`, `1:02:03`. */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** `5 of 12 done, 4 passed, 1 failed, 2 running, 5 queued` */
export const progressWords = (counts: Counts): string =>
  [`${doneOf(counts)} of ${totalOf(counts)} done`, ...endedParts(counts), ...openParts(counts)].join(', ');

const barWidth = 24;
const narrow = 72;

/** One line that fits into `width` columns; a narrow one has no bar. */
export function progressLine(counts: Counts, elapsedMs: number, width: number): string {
  const total = totalOf(counts);
  const filled = total === 0 ? 0 : Math.floor((doneOf(counts) / total) * barWidth);
  const bar = width < narrow ? '' : `[${'#'.repeat(filled).padEnd(barWidth, '-')}] `;
  // A terminal may wrap in the last column, so it stays free.
  return cut(`${bar}${clock(elapsedMs)}  ${progressWords(counts)}`, width - 1);
}
