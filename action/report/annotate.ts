import { statSync } from 'node:fs';
import { join } from 'node:path';
import * as core from '@actions/core';
import { cutText } from '../../protocol/clean-text.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import { cleanLine, cleanLines } from '../../report/clean-lines.ts';
import { tallyOf } from '../../report/tally.ts';
import type { Checkout } from '../submit/read-checkout.ts';

interface Annotation {
  readonly title: string;
  readonly message: string;
  readonly file: string;
  readonly line: number | undefined;
}

// GitHub shows 10 errors of a step, and the last of them says why the step failed.
const maxErrors = 9;
const messageLength = 4000;

/** Annotates failed tests at their files and lines. */
export function annotate(jobs: readonly Job[], repository: Repository): void {
  const all = jobs.flatMap((job) => annotationsOf(job, repository));
  for (const { title, message, file, line } of all.slice(0, maxErrors)) {
    core.error(message, { title, file, ...(line !== undefined && { startLine: line }) });
  }
  const unlisted = jobs.reduce((sum, job) => sum + (tallyOf(job)?.unlistedFailed ?? 0), 0);
  const left = Math.max(0, all.length - maxErrors) + unlisted;
  if (left > 0) core.notice(`${left} more failures are not annotated; the job summary has them`);
}

/** One for each failed test of the job; one for its file where no failed test is listed. */
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

/** The repository as annotations see it. */
export interface Repository {
  /** From its root to the working directory: '' or `apps/mobile/`. */
  readonly prefix: string;
  /** Whether it holds a file at this path, from its root. */
  readonly has: (path: string) => boolean;
}

/**
 * The path of a test's file from the root of the repository, or undefined where that is not certain; then the line of
 * the test is none of the job's own file either. A report may name a file relative to the working directory, to the
 * repository or to a folder of tests, or by the whole path on another host. Apart from the job's own file, the result
 * exists here.
 */
export function annotationPath(repository: Repository, file: string, testPath: string): string | undefined {
  const own = repository.prefix + testPath;
  const path = file.replaceAll('\\', '/').replace(/^(?:\.\/+)+/, '');
  if (path === '' || /\p{Cc}/u.test(path) || path.split('/').includes('..')) return undefined;
  if (path === testPath || path === own) return own;
  if (/^(?:\/|[A-Za-z]:)/.test(path)) return isOwnElsewhere(repository, path, testPath) ? own : undefined;
  const found = foundAs(repository, path);
  // The end of the job's own path, as seen from a folder of tests, unless another file has this path.
  if (own.endsWith(`/${path}`)) return found === undefined ? own : undefined;
  return found;
}

/** A relative path from the working directory, else from the root; undefined where both have such a file. */
function foundAs({ prefix, has }: Repository, path: string): string | undefined {
  const isHere = has(prefix + path);
  const isAtRoot = has(path);
  if (isHere && isAtRoot && prefix !== '' && path.startsWith(prefix)) return undefined;
  if (isHere) return prefix + path;
  return isAtRoot ? path : undefined;
}

/** Whether an absolute path of any host is the job's file. Not when a longer end of it is another file here. */
function isOwnElsewhere({ prefix, has }: Repository, path: string, testPath: string): boolean {
  if (!path.endsWith(`/${testPath}`)) return false;
  const above = path.slice(0, -testPath.length - 1).split('/');
  return !above.some((_, index) => {
    const longer = `${above.slice(index).join('/')}/${testPath}`;
    return longer !== prefix + testPath && (has(prefix + longer) || has(longer));
  });
}

/** The checkout as annotations see it. */
export const repositoryOf = ({ root, prefix }: Checkout): Repository => ({
  prefix,
  has: (path) => isFile(join(root, path)),
});

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
