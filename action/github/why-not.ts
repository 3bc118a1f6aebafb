import { QgjobError } from '../../protocol/errors.ts';
import { cleanLine } from '../../report/clean-lines.ts';

/** Why something was not written to GitHub, in one line. `grant` is the line that allows it. */
export function whyNot(error: unknown, what: string, grant: string): string {
  const message = cleanLine(error instanceof Error ? error.message : String(error), 300);
  const isRight = error instanceof QgjobError && ['forbidden', 'not_found'].includes(error.code);
  return isRight
    ? `no ${what}: github-token may not write it; add to the permissions of the workflow: \`${grant}\``
    : `no ${what}: ${message}`;
}
