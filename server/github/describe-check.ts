import { cutText, filledLines, shortLine } from '../../protocol/clean-text.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import type { CheckEnd } from './write-check.ts';

const shownJobs = 50;
const shownTests = 10;
const nameLength = 200;
const messageLength = 1000;
// GitHub refuses more than 65,535 bytes; a character has four at most.
const summaryBytes = 60_000;

/** The end of the check run of one target of a run that is over. `jobs`: those of the target. */
export function describeCheck(run: Run, jobs: readonly Job[], failOnFlaky: boolean): CheckEnd {
  const open = jobs.filter(({ status }) => status !== 'passed');
  const counts = ['failed', 'errored', 'cancelled', 'flaky', 'passed'].flatMap((word) => {
    const n = jobs.filter((job) => resultOf(job) === word).length;
    return n === 0 ? [] : [`${n} ${word}`];
  });
  const left = open.length - shownJobs;
  const parts = [
    `Run [${run.run_id}](${run.url}): ${run.status}${run.reason ? ` (${run.reason})` : ''}, app version ${code(run.app_version_id)}.`,
    ...open.slice(0, shownJobs).map(describeJob),
    ...(left > 0 ? [`${left} more are in the run.`] : []),
  ];
  return {
    conclusion: concludeTarget(run, jobs, failOnFlaky),
    completedAt: run.finished_at ?? run.submitted_at,
    title: `${jobs.length} ${jobs.length === 1 ? 'job' : 'jobs'}: ${counts.join(', ')}`,
    summary: fitting(parts),
  };
}

/** A target is green with the whole run, and where the run fails, if every job of its own passed. */
function concludeTarget(
  { conclusion }: Run,
  jobs: readonly Job[],
  failOnFlaky: boolean,
): CheckEnd['conclusion'] {
  if (conclusion === 'success' || conclusion === 'neutral' || conclusion === 'cancelled') return conclusion;
  const isGreen = (job: Job): boolean => job.status === 'passed' && !(failOnFlaky && job.outcome === 'flaky');
  return jobs.length > 0 && jobs.every(isGreen) ? 'success' : 'failure';
}

const resultOf = ({ status, outcome }: Job): string => (outcome === 'flaky' ? 'flaky' : status);

function describeJob(job: Job): string {
  const failed = (job.tests ?? []).filter(({ status }) => status === 'failed').slice(0, shownTests);
  const texts = failed.map(({ name, message }) => `${shortLine(name, nameLength)}\n${message ?? ''}`);
  const text = filledLines([...texts, ...(texts.length === 0 ? [job.error ?? ''] : [])].join('\n')).join(
    '\n',
  );
  const head = `**${resultOf(job)}** ${code(job.test_path)}`;
  return text === '' ? head : `${head}\n\n${fence(cutText(text, messageLength))}`;
}

/** Foreign text that only shows itself: in a code span longer than any in it. */
function code(text: string): string {
  const line = shortLine(text, nameLength);
  const marks = '`'.repeat(Math.max(0, ...runsIn(line)) + 1);
  return `${marks} ${line} ${marks}`;
}

function fence(text: string): string {
  const marks = '`'.repeat(Math.max(2, ...runsIn(text)) + 1);
  return `${marks}text\n${text}\n${marks}`;
}

const runsIn = (text: string): number[] => (text.match(/`+/g) ?? []).map((run) => run.length);

/** As many parts as GitHub takes. */
function fitting(parts: readonly string[]): string {
  const kept: string[] = [];
  let bytes = 0;
  for (const part of parts) {
    bytes += Buffer.byteLength(part) + 2;
    if (bytes > summaryBytes) return [...kept, 'The rest is in the run.'].join('\n\n');
    kept.push(part);
  }
  return kept.join('\n\n');
}
