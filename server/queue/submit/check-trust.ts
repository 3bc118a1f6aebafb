import { QgjobError } from '../../../protocol/errors.ts';
import { writersEvents } from '../../../protocol/github.ts';
import type { Deps } from '../store/deps.ts';
import { matchesPattern } from '../store/match-pattern.ts';
import { listOf, readList } from '../store/rows.ts';
import type { Submit } from './new-run.ts';

/** SEARCH o USING PRIMARY KEY (id=?) */
const targetsSql = listOf(
  'json_array(o.id, json(o.untrusted_targets))',
  'FROM json_each(?) i CROSS JOIN orgs o ON o.id = i.value',
);

/** As GitHub proves it, or as the submit says; undefined where there is none, and where only who may write can cause it. */
function untrustedEventOf({ input: { body } }: Submit): string | undefined {
  const event = body.github?.event_name;
  return (writersEvents as readonly unknown[]).includes(event) ? undefined : event;
}

/**
 * In order, the refusal of each submit that may not run where it asks for; undefined where it may. What is not sure to come from
 * somebody with write access to the repository runs only where an admin has said so: on targets whose agents are for strangers'
 * code.
 */
export async function checkTrust(
  deps: Deps,
  submits: readonly Submit[],
): Promise<(QgjobError | undefined)[]> {
  const orgs = submits.filter((one) => untrustedEventOf(one) !== undefined).map(({ input }) => input.orgId);
  const allowed = new Map(
    orgs.length === 0
      ? []
      : await readList<[orgId: string, patterns: string[]]>(deps, targetsSql, [
          JSON.stringify([...new Set(orgs)]),
        ]),
  );
  return submits.map((submit) => {
    const event = untrustedEventOf(submit);
    return event === undefined ? undefined : refusalOf(submit, event, allowed.get(submit.input.orgId) ?? []);
  });
}

function refusalOf(
  { input: { orgId }, specs }: Submit,
  event: string,
  patterns: readonly string[],
): QgjobError | undefined {
  const refused = specs.find(({ target }) => !patterns.some((pattern) => matchesPattern(pattern, target)));
  if (refused === undefined) return undefined;
  const allowed = patterns.length === 0 ? 'on none' : `on ${patterns.join(', ')}`;
  return new QgjobError(
    'forbidden',
    `a workflow of the event ${event} may run code that nobody has approved: org ${orgId} lets it run ${allowed}, not on ${refused.target}; an admin names targets whose agents are for that, by \`qgjob orgs untrusted ${orgId} --target=emulator/forks\``,
  );
}
