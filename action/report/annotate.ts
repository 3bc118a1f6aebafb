import * as core from '@actions/core';
import { tallyOf } from '../../client/tally.ts';
import { cutText } from '../../protocol/clean-text.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import { cleanLine, cleanLines } from '../log/clean-lines.ts';
import { annotationPath, type Repository } from './annotation-path.ts';

export interface Annotation {
  readonly title: string;
  readonly message: string;
  readonly file: string;
  readonly line: number | undefined;
}

// GitHub shows 10 errors of a step; the last one says why the step failed.
const maxErrors = 9;
const messageLength = 4000;

/** Marks failed tests in the changed files. */
export function annotate(jobs: readonly Job[], repository: Repository): void {
  const all = jobs.flatMap((job) => annotationsOf(job, repository));
  for (const { title, message, file, line } of all.slice(0, maxErrors)) {
    core.error(message, { title, file, ...(line !== undefined && { startLine: line }) });
  }
  const unlisted = jobs.reduce((sum, job) => sum + (tallyOf(job)?.unlistedFailed ?? 0), 0);
  const left = Math.max(0, all.length - maxErrors) + unlisted;
  if (left > 0) core.notice(`${left} more failures are not annotated; the job summary has them`);
}

/** One for each failed test of the job; one for the file where no test can be named. */
export function annotationsOf(job: Job, repository: Repository): Annotation[] {
  if (job.status !== 'failed' && job.status !== 'errored') return [];
  const whole = { file: repository.prefix + job.test_path, line: undefined };
  const failed = (job.tests ?? []).filter((test) => test.status === 'failed');
  if (failed.length === 0 || job.status === 'errored') {
    const title = `${job.test_path} ${job.status} on ${job.target}`;
    return [{ ...whole, title: cleanLine(title, 200), message: messageOf(job.error) }];
  }
  return failed.map((test) => {
    const file = annotationPath(repository, test.file ?? '', job.test_path);
    const place = file === undefined ? whole : { file, line: test.line || undefined };
    return {
      ...place,
      title: cleanLine(`${test.name} on ${job.target}`, 200),
      message: messageOf(test.message),
    };
  });
}

function messageOf(text: string | null | undefined): string {
  const message = cleanLines(text ?? '')
    .join('\n')
    .trim();
  return message === '' ? 'failed without a message' : cutText(message, messageLength);
}
