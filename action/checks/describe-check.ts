import { cutText } from '../../protocol/clean-text.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import {
  isGreenTarget,
  nothingPassed,
  summaryOfTarget,
  titleOfTarget,
} from '../../report/describe-target.ts';
import { now } from '../clock.ts';
import type { Followed } from '../follow/follow-run.ts';
import { annotationsOf, type Repository } from '../report/annotate.ts';
import type { CheckAnnotation, CheckEnd } from './complete-check.ts';

/** How the step ended, for the check runs of its targets. */
export interface Ended {
  readonly followed: Followed;
  /** Why the step fails. */
  readonly failure: string | undefined;
  readonly failOnFlaky: boolean;
  /** Undefined: no annotations are wanted. */
  readonly repository: Repository | undefined;
}

// 20 calls for one check run.
const maxAnnotations = 1000;
const messageBytes = 16_000;

/** What a check run says in short: enough for `post` to complete it. */
export type Verdict = Pick<CheckEnd, 'conclusion' | 'completedAt' | 'title'>;

export function verdictOf(ended: Ended, target: string): Verdict {
  const { run } = ended.followed.record;
  const jobs = jobsOf(ended, target);
  return {
    conclusion: concludeTarget(ended, jobs, earlierOf(ended, target)),
    completedAt: run.finished_at ?? new Date(now()).toISOString(),
    title: titleOfTarget(jobs, earlierOf(ended, target).length),
  };
}

/** The end of the check run of one target. */
export function describeCheck(ended: Ended, target: string): CheckEnd {
  const { followed, failure, repository } = ended;
  const verdict = verdictOf(ended, target);
  const jobs = jobsOf(ended, target);
  const record = { run: followed.record.run, jobs, earlier: earlierOf(ended, target) };
  const why =
    verdict.conclusion === 'success' ? undefined : (failure ?? whyRed(record.run, jobs, record.earlier));
  return {
    ...verdict,
    summary: summaryOfTarget({ record, failure: why, evidence: followed.evidence }),
    annotations: repository === undefined ? [] : annotationsFor(jobs, repository),
  };
}

const jobsOf = ({ followed: { record } }: Ended, target: string): Job[] =>
  record.jobs.filter((job) => job.target === target);

const earlierOf = ({ followed: { record } }: Pick<Ended, 'followed'>, target: string): Job[] =>
  (record.earlier ?? []).filter((job) => job.target === target);

/** Which target the jobs of an earlier attempt were of is known only where they are listed. */
function whyRed(
  { passed_before: before }: Run,
  jobs: readonly Job[],
  earlier: readonly Job[],
): string | undefined {
  return nothingPassed(jobs, Math.max(before, earlier.length));
}

/** A target is green with the whole step, if something passed on it, and where the step fails, if every job of its own passed. */
export function concludeTarget(
  { followed, failure, failOnFlaky }: Omit<Ended, 'repository'>,
  jobs: readonly Job[],
  earlier: readonly Job[] = [],
): CheckEnd['conclusion'] {
  const { ending, record } = followed;
  if (ending === 'stopped') return 'cancelled';
  if (ending === 'timed_out') return 'timed_out';
  if (ending !== 'final') return 'failure';
  if (failure === undefined) return whyRed(record.run, jobs, earlier) === undefined ? 'success' : 'failure';
  const { conclusion } = record.run;
  if (conclusion === 'neutral' || conclusion === 'cancelled') return conclusion;
  return isGreenTarget(jobs, failOnFlaky, earlier.length) ? 'success' : 'failure';
}

const annotationsFor = (jobs: readonly Job[], repository: Repository): CheckAnnotation[] =>
  jobs
    .flatMap((job) => annotationsOf(job, repository))
    .slice(0, maxAnnotations)
    .map(({ file, line = 1, title, message }) => ({
      ...{ path: file, start_line: line, end_line: line, annotation_level: 'failure' as const },
      ...{ title, message: cutText(message, messageBytes) },
    }));
