import { shortLine } from '../../protocol/clean-text.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import { plural } from '../../protocol/words.ts';

const namesShown = 5;
const longestName = 100;

/**
 * One line about the jobs that a page of a run does not show, and which otherwise nobody would miss there; undefined where
 * there are none. `all`: how many jobs the run has.
 */
export function tellMissing(missing: readonly Job[], all: number): string | undefined {
  if (missing.length === 0) return undefined;
  const names = missing
    .slice(0, namesShown)
    .map(({ test_path: path, target, status }) => shortLine(`${path} (${target}, ${status})`, longestName));
  const more = missing.length > namesShown ? `, and ${missing.length - namesShown} more` : '';
  return `The HTML report does not show ${missing.length} of ${plural(all, 'job')}, which left no blob report: ${names.join(', ')}${more}`;
}
