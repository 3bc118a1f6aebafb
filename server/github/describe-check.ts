import type { Evidence } from '../../protocol/evidence.ts';
import { concludeRun } from '../../report/conclude-run.ts';
import {
  isGreenTarget,
  nothingPassed,
  summaryOfTarget,
  titleOfTarget,
} from '../../report/describe-target.ts';
import type { RunRecord } from '../../report/run-record.ts';
import type { CheckEnd } from './write-check.ts';

interface Ended {
  readonly record: RunRecord;
  readonly evidence?: Evidence;
}

/** The end of the check run of one target of a run that is over: green with the whole run, if something passed on it, or if every job of its own passed. */
export function describeCheck({ record, evidence }: Ended, target: string, failOnFlaky: boolean): CheckEnd {
  const { run } = record;
  const jobs = record.jobs.filter((job) => job.target === target);
  // Of a run that goes on with an earlier attempt: what is not in it has passed there.
  const passedBefore = jobs.length === 0 ? run.passed_before : 0;
  const isGreen = isGreenTarget(jobs, failOnFlaky, passedBefore);
  const why = run.conclusion === 'success' ? nothingPassed(jobs, run.passed_before) : undefined;
  const conclusion = passedBefore > 0 ? 'success' : concludeTarget(record, isGreen, why);
  const failure = conclusion === 'success' ? undefined : (why ?? concludeRun(record));
  return {
    conclusion,
    completedAt: run.finished_at ?? run.submitted_at,
    title: titleOfTarget(jobs, passedBefore),
    summary: summaryOfTarget({ record: { run, jobs }, failure, evidence }),
  };
}

function concludeTarget(
  { run: { conclusion } }: RunRecord,
  isGreen: boolean,
  why: string | undefined,
): CheckEnd['conclusion'] {
  if (why !== undefined) return 'failure';
  if (conclusion === 'success' || conclusion === 'neutral' || conclusion === 'cancelled') return conclusion;
  return isGreen ? 'success' : 'failure';
}
