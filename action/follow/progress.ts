import type { RunView } from '../../client/index.ts';
import { formatDuration } from '../../protocol/durations.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Counts } from '../../protocol/shapes/run.ts';
import { isFinal } from '../../protocol/states.ts';
import { listCounts } from '../../report/list-counts.ts';
import { resultOf } from '../../report/outcome-words.ts';
import { retriedWords } from '../../report/tally.ts';
import type { Say } from '../log/quiet-log.ts';

// More often, the counts would hide the verdicts between them.
const countsEveryMs = 30_000;
const maxLines = 2000;

/** A line for each job that ends, and the counts at most every 30 s. `now` is monotonic, in ms. */
export function createProgress(say: Say, now: () => number) {
  let countsAt = Number.NEGATIVE_INFINITY;
  let lines = 0;
  return (view: RunView, changed: readonly Job[]): void => {
    for (const job of changed.filter(({ status }) => isFinal(status))) {
      lines += 1;
      if (lines <= maxLines) say(describeJob(job));
      else if (lines === maxLines + 1) say('more jobs ended; from here on only the counts are shown');
    }
    if (isFinal(view.run.status) || now() - countsAt < countsEveryMs) return;
    countsAt = now();
    say(describeCounts(view.run.counts));
  };
}

/** `failed: tests/a.spec.ts on emulator, 1.2 s, 2 attempts: expected 3`. */
export function describeJob(job: Job): string {
  const took = job.duration_ms === null ? '' : `, ${formatDuration(job.duration_ms)}`;
  const attempts = job.attempt > 1 ? `, ${job.attempt} attempts` : '';
  const retried = retriedWords(job, job);
  const why = job.status === 'passed' || job.error === null ? '' : `: ${job.error}`;
  return `${resultOf(job)}: ${job.test_path} on ${job.target}${took}${attempts}${retried ? `, ${retried}` : ''}${why.slice(0, 300)}`;
}

/** `2 of 6 jobs done: 1 passed, 1 failed; 2 running, 2 queued`. */
export function describeCounts(counts: Counts): string {
  const { passed, failed, errored, cancelled, scheduled, running, queued, waiting } = counts;
  const done = passed + failed + errored + cancelled;
  const all = done + scheduled + running + queued + waiting;
  const ended = listCounts({ passed, failed, errored, cancelled });
  const open = listCounts({ running, scheduled, queued, waiting });
  return `${done} of ${all} jobs done${ended && `: ${ended}`}${open && `; ${open}`}`;
}
