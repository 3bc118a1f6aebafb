import type { Job, TestCase } from '../../protocol/shapes/job.ts';
import { resultOf } from '../follow/run-record.ts';
import { escapeMarkdown, fence } from './markdown.ts';

const testsShown = 20;
const messageLength = 4000;

/** A block to unfold for each job that failed or had no verdict, with the messages of its tests. */
export function failureBlocks(jobs: readonly Job[]): string[] {
  const sorted = [
    ...jobs.filter((job) => job.status === 'failed'),
    ...jobs.filter((job) => job.status === 'errored'),
  ];
  return sorted.map(failureBlock);
}

function failureBlock(job: Job): string {
  const title = `${resultOf(job)}: ${escapeMarkdown(job.test_path, 512)} on ${escapeMarkdown(job.target)}`;
  const parts = [`<details><summary>${title}</summary>`, ...messages(job), '</details>'];
  return `${parts.join('\n\n')}\n`;
}

function messages(job: Job): string[] {
  const failed = (job.tests ?? []).filter((test) => test.status === 'failed');
  const shown = failed.slice(0, testsShown).flatMap(describeTest);
  const left = failed.length - testsShown;
  // An error of the job says more than its tests where there is no verdict, and all where no test is named.
  const isAlone = failed.length === 0 || job.status === 'errored';
  return [
    ...(isAlone ? [fence(job.error ?? 'no message', messageLength)] : []),
    ...shown,
    ...(left > 0 ? [`and ${left} more failed tests`] : []),
  ];
}

function describeTest({ name, file, line, message }: TestCase): string[] {
  const place = file === undefined ? '' : ` (${escapeMarkdown(file)}${line ? `:${line}` : ''})`;
  const title = `**${escapeMarkdown(name) || 'a test without a name'}**${place}`;
  return message ? [title, fence(message, messageLength)] : [title];
}
