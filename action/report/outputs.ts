import * as core from '@actions/core';
import type { RunRecord } from '../../report/run-record.ts';
import type { Ending } from '../follow/run-record.ts';

/** Values by their names in action.yml. An output without a value stays unset. */
export type Outputs = Readonly<Record<string, string | number>>;

/** What is known as soon as the server has the run. */
export const submitOutputs = ({ run, jobs }: RunRecord): Outputs => ({
  'run-id': run.run_id,
  'run-url': run.url,
  'job-ids': JSON.stringify(jobs.map((job) => job.job_id)),
  ...runOutputs({ run, jobs }, 'submitted'),
});

/** Whatever changes while the run goes on. Times in ms. */
export function runOutputs({ run, jobs }: RunRecord, ending: Ending): Outputs {
  const { passed, failed, errored, flaky } = run.counts;
  return {
    status: statusOf(run.status, ending),
    conclusion: conclusionOf(run.conclusion, ending),
    total: jobs.length + run.passed_before,
    passed: passed + run.passed_before,
    failed,
    errored,
    flaky,
    installs: run.installs,
    'installs-saved': run.installs_saved,
    ...between('queue-ms', run.submitted_at, run.started_at),
    ...between('duration-ms', run.submitted_at, run.finished_at),
  };
}

/** For a step that ended before there was a run. */
export const noRunOutputs = (isCancelled: boolean): Outputs =>
  isCancelled
    ? { status: 'cancelled', conclusion: 'cancelled' }
    : { status: 'errored', conclusion: 'failure' };

function statusOf(status: string, ending: Ending): string {
  if (ending === 'timed_out') return 'timed_out';
  if (ending === 'stopped') return 'cancelled';
  return ending === 'lost' ? 'errored' : status;
}

function conclusionOf(conclusion: string | null, ending: Ending): string {
  if (ending === 'final') return conclusion ?? 'failure';
  if (ending === 'stopped') return 'cancelled';
  return ending === 'submitted' ? '' : 'failure';
}

function between(name: string, from: string, to: string | null): Outputs {
  return to === null ? {} : { [name]: Math.max(0, Date.parse(to) - Date.parse(from)) };
}

export function setOutputs(outputs: Outputs): void {
  for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value);
}
