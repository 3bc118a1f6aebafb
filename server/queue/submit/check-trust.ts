import { QgjobError } from '../../../protocol/errors.ts';
import { writersEvents } from '../../../protocol/github.ts';
import type { Deps } from '../store/deps.ts';
import { matchesPattern } from '../store/match-pattern.ts';
import type { JobSpec, SubmitInput } from './new-run.ts';

/**
 * What is not sure to come from somebody with write access to the repository runs only where an admin has said so: on targets
 * whose agents are for strangers' code. Errors: `forbidden`.
 */
export async function checkTrust(
  deps: Deps,
  { orgId, body }: SubmitInput,
  specs: readonly JobSpec[],
): Promise<void> {
  // As GitHub proves it, or as the submit says; undefined: there is none.
  const event = body.github?.event_name;
  if (event === undefined || (writersEvents as readonly string[]).includes(event)) return;
  const [row] = await deps.sql.read('SELECT untrusted_targets FROM orgs WHERE id = ?', [orgId]);
  const patterns = JSON.parse(String(row?.untrusted_targets ?? '[]')) as string[];
  const mayRun = ({ target }: JobSpec) => patterns.some((pattern) => matchesPattern(pattern, target));
  const refused = specs.find((one) => !mayRun(one))?.target;
  if (refused === undefined) return;
  const allowed = patterns.length === 0 ? 'on none' : `on ${patterns.join(', ')}`;
  throw new QgjobError(
    'forbidden',
    `a workflow of the event ${event} may run code that nobody has approved: org ${orgId} lets it run ${allowed}, not on ${refused}; an admin names targets whose agents are for that, by \`qgjob orgs untrusted ${orgId} --target=emulator/forks\``,
  );
}
