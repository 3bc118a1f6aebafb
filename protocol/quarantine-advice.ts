import { huntWords } from './hunt-words.ts';
import type { Quarantine } from './shapes/quarantine.ts';

/**
 * What the last hunt of a quarantined test says, and what to do with that: the command names the test by its id, so nothing foreign
 * comes into a shell. Null where the quarantine has ended, or no hunt had a verdict.
 */
export function adviceOf({ status, hunt, test_id: id }: Quarantine): string | null {
  if (status === 'ended' || hunt === null) return null;
  const found = huntWords(hunt);
  if (hunt.failed === 0) return `${found}. It may be mended: qgjob quarantine remove ${id}`;
  return `${found}. It ${hunt.failed === hunt.observed ? 'fails each time' : 'is still flaky'}`;
}
