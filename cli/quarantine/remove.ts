import type { Client } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { idPrefixes } from '../../protocol/ids.ts';
import type { Quarantine } from '../../protocol/shapes/quarantine.ts';
import { connect } from '../connect.ts';
import { print, printJson } from '../output/print.ts';
import type { WhichTest } from '../tests/test-flags.ts';
import { nameOf } from '../tests/test-table.ts';
import { readQuarantines } from './list.ts';

/** Ends a quarantine now; prints its id. Errors: `not_found`, `invalid` where several are meant, `forbidden`. */
export async function removeQuarantine(
  named: string,
  flags: WhichTest & { readonly json?: true },
): Promise<void> {
  const client = connect(flags);
  const id = named.startsWith(idPrefixes.quarantine) ? named : await findId(client, named, flags);
  await client.call('removeQuarantine', { params: { id } });
  if (flags.json) printJson({ quarantine_id: id });
  else print(id);
}

async function findId(client: Client, named: string, which: WhichTest): Promise<string> {
  const active = await readQuarantines(client, 'active', which.orgId);
  const [only, ...others] = active.filter((one) => isMeant(one, named, which));
  if (only === undefined) {
    throw new QgjobError(
      'not_found',
      `${named} is not in quarantine; \`qgjob quarantine list\` shows what is`,
    );
  }
  if (others.length === 0) return only.quarantine_id;
  throw new QgjobError('invalid', whichOf(named, [only, ...others]));
}

/** Says what to type for each: by its id, so that no title has to be quoted. */
function whichOf(named: string, all: readonly Quarantine[]): string {
  const words = all.map(
    (one) => `\`qgjob quarantine remove ${one.quarantine_id}\` (${nameOf(one)} on ${one.target})`,
  );
  return `${named} has ${all.length} quarantines: type ${words.join(' or ')}`;
}

const isMeant = (one: Quarantine, named: string, which: WhichTest): boolean =>
  one.test_id === named ||
  (one.test_path === named &&
    (which.case === undefined || one.title === which.case) &&
    (which.target === undefined || one.target === which.target));
