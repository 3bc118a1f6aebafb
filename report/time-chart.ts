import { formatDuration } from '../protocol/durations.ts';
import type { RunRecord } from './run-record.ts';

const width = 30;

/** Where the time of a finished run went, as bars of text; nothing for a run that has not ended or started no test. */
export function timeChart({ run, jobs }: RunRecord): string[] {
  if (run.started_at === null || run.finished_at === null) return [];
  const [submitted, started, finished] = [run.submitted_at, run.started_at, run.finished_at].map(Date.parse);
  if (submitted === undefined || started === undefined || finished === undefined) return [];
  const devices = jobs.reduce((sum, job) => sum + (job.duration_ms ?? 0), 0);
  const rows: readonly (readonly [string, number])[] = [
    ['queue and install', started - submitted],
    ['from first test to last', finished - started],
    ['tests, all devices', devices],
  ];
  const longest = Math.max(1, ...rows.map(([, ms]) => ms));
  const words = Math.max(...rows.map(([word]) => word.length));
  const lines = rows.map(([word, ms]) => {
    const bar = '█'.repeat(Math.max(1, Math.round((Math.max(0, ms) / longest) * width)));
    return `${word.padEnd(words)}  ${bar.padEnd(width)}  ${formatDuration(Math.max(0, ms))}`;
  });
  return [['```text', ...lines, '```'].join('\n')];
}
