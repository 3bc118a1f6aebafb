import { formatDuration } from '../protocol/durations.ts';
import type { Run } from '../protocol/shapes/run.ts';
import { plural } from '../protocol/words.ts';
import { installWords } from './install-words.ts';
import { listCounts } from './list-counts.ts';
import { escapeMarkdown, link } from './markdown.ts';
import type { RunRecord } from './run-record.ts';

/** What is said of a run in one line; a second one for a retry. */
export function factsOf({ run, jobs }: RunRecord): string[] {
  const { passed, failed, errored, cancelled, flaky } = run.counts;
  const ended = listCounts({ passed, failed, errored, cancelled });
  const installed = installWords(run);
  const facts = [
    `${link(escapeMarkdown(run.run_id), run.url)}: app version ${escapeMarkdown(run.app_version_id)}`,
    `${plural(jobs.length, 'job')}${ended && `: ${ended}`}${flaky > 0 ? ` (${flaky} flaky)` : ''}`,
    ...(installed === undefined ? [] : [installed]),
    ...(run.finished_at === null
      ? []
      : [formatDuration(Date.parse(run.finished_at) - Date.parse(run.submitted_at))]),
  ];
  const retry = run.retry_of === null ? [] : [againWords(run, jobs.length)];
  return [facts.join(' · '), ...retry];
}

/** Of a run that goes on with an earlier one. */
function againWords({ retry_of: earlier, passed_before: passed }: Run, ran: number): string {
  const of = escapeMarkdown(earlier ?? '');
  if (passed === 0) return `A run of what did not pass in ${of}.`;
  const jobs = passed === 1 ? 'job' : 'jobs';
  return `${passed} ${jobs} passed in an earlier attempt (${of}), so ${ran} ran again: what did not pass there.`;
}
