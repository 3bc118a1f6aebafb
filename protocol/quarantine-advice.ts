import { huntWords } from './hunt-words.ts';
import type { Quarantine } from './shapes/quarantine.ts';

/**
 * What the last hunt of a quarantined test says, and what to do with that: the command names the test by its id, so nothing foreign
 * comes into a shell. Only where every execution had a verdict, on the code of the base branch, may the test be called mended: one
 * that crashed or timed out may have failed. Null where the quarantine has ended, or no hunt had a verdict.
 */
export function adviceOf({ status, hunt, test_id: id }: Quarantine): string | null {
  if (status === 'ended' || hunt === null) return null;
  const { times, observed, failed, is_base: isBase } = hunt;
  const open = times - observed;
  const found = `${huntWords(hunt)}${open > 0 ? `, ${open} of ${times} executions had no verdict` : ''}`;
  if (failed > 0) return `${found}. It ${failed === observed ? 'fails each time' : 'is still flaky'}`;
  if (open > 0) return `${found}. Whether it is mended is not known`;
  if (!isBase) return `${found}, not on the base branch. Whether it is mended there is not known`;
  return `${found}. It may be mended: qgjob quarantine remove ${id}`;
}
