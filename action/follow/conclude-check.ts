import { formatDuration } from '../../protocol/durations.ts';
import { concludeRun } from '../../report/conclude-run.ts';
import type { Followed } from './follow-run.ts';

/**
 * Whether the check is green: why the step fails, in one line, or undefined when every test passed. Whatever is not
 * success fails. `waitedMs` is the time after which the wait ended.
 */
export function concludeCheck(followed: Followed, waitedMs: number | undefined): string | undefined {
  const { ending, record, error } = followed;
  const { run } = record;
  if (ending === 'stopped') return `the workflow was cancelled while run ${run.run_id} was ${run.status}`;
  if (ending === 'lost') {
    return `run ${run.run_id} (${run.url}) was lost sight of, a problem of the infrastructure: ${error?.message ?? 'no reason given'}`;
  }
  if (ending === 'timed_out') {
    return `run ${run.run_id} had no verdict within ${formatDuration(waitedMs ?? 0)}; it goes on, see ${run.url}`;
  }
  return concludeRun(record);
}
