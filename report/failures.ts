import type { Evidence } from '../protocol/evidence.ts';
import type { Job, TestCase } from '../protocol/shapes/job.ts';
import { deviceOf, evidenceLine } from './evidence.ts';
import { escapeMarkdown, link, preformatted } from './markdown.ts';
import { isExcused, knownWords, quarantineWords, resultOf } from './outcome-words.ts';
import { retriedWords, tallyOf, tallyWords, testsOf, unlistedFailures } from './tally.ts';

const testsShown = 20;
const messageLength = 4000;

/** A folded block for each job that failed, new failures first, had no verdict or was flaky, with the messages of its tests. */
export function failureBlocks(jobs: readonly Job[], evidence?: Evidence): string[] {
  const failed = jobs.filter((job) => job.status === 'failed');
  const sorted = [
    ...failed.filter((job) => !isExcused(job)),
    ...failed.filter(isExcused),
    ...jobs.filter((job) => job.status === 'errored'),
    ...jobs.filter((job) => job.status === 'passed' && testsOf(job, 'flaky').length > 0),
  ];
  return sorted.map((job) => failureBlock(job, evidence));
}

function failureBlock(job: Job, evidence: Evidence | undefined): string {
  const known = knownWords(job) === '' ? '' : ` (${knownWords(job)})`;
  const place = `${escapeMarkdown(job.test_path, 512)} on ${escapeMarkdown(job.target)}${deviceOf(job, evidence)}`;
  const parts = [
    `<details><summary>${resultOf(job)}${known}: ${place}</summary>`,
    ...countOf(job),
    ...quarantineLine(job),
    ...comparedLine(job, evidence),
    ...evidenceLine(job, evidence),
    ...messages(job),
    '</details>',
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Whose quarantine it is, and until when. */
function quarantineLine(job: Job): string[] {
  const words = quarantineWords(job);
  return words === '' ? [] : [`In quarantine: ${escapeMarkdown(words, 500)}.`];
}

/** Which run of the base branch says that a failure is known, or that it is new. */
function comparedLine(
  { known_failure: known, known_run_id: id }: Job,
  evidence: Evidence | undefined,
): string[] {
  if (known === null || id === null) return [];
  const run = link(escapeMarkdown(id), evidence === undefined ? '' : `${evidence.site}/v1/runs/${id}`);
  return [`The base branch ${known ? 'fails here too' : 'does not fail so'}: ${run}.`];
}

/** How many tests there were, where not all are listed; how many ran again, where not all did. */
function countOf(job: Job): string[] {
  const tally = tallyOf(job);
  const retried = retriedWords(job, job);
  return [
    ...(tally !== undefined && tally.unlisted > 0 ? [tallyWords(tally)] : []),
    ...(retried === undefined ? [] : [`The last attempt ${retried}.`]),
  ];
}

function messages(job: Job): string[] {
  const failed = testsOf(job, 'failed');
  // Without a verdict the job's error says more than its tests; without named tests it says all.
  const isAlone = job.status === 'errored' || (job.status === 'failed' && failed.length === 0);
  const unlisted = unlistedFailures(job);
  return [
    ...(isAlone ? [preformatted(job.error ?? 'no message', messageLength)] : []),
    ...failed.slice(0, testsShown).flatMap((test) => describeTest(test)),
    ...left(failed.length, 'failed'),
    ...(unlisted === undefined ? [] : [unlisted]),
    ...testsOf(job, 'flaky')
      .slice(0, testsShown)
      .flatMap((test) => describeTest(test, 'flaky: ')),
    ...left(testsOf(job, 'flaky').length, 'flaky'),
  ];
}

const left = (count: number, word: string): string[] =>
  count > testsShown ? [`and ${count - testsShown} more ${word} tests`] : [];

function describeTest({ name, file, line, message }: TestCase, word = ''): string[] {
  const place = file === undefined ? '' : ` (${escapeMarkdown(file)}${line ? `:${line}` : ''})`;
  const title = `${word}**${escapeMarkdown(name) || 'a test without a name'}**${place}`;
  return message ? [title, preformatted(message, messageLength)] : [title];
}
