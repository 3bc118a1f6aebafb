import { oneLine } from '../../protocol/clean-text.ts';
import type { Whoami } from '../../protocol/shapes/admin.ts';
import { formatTable } from '../output/table.ts';

/** `admin of acme`, `the operator`: whose token it is. */
export function ownerOf({ scopes, org_id: org, shared }: Whoami): string {
  if (scopes.includes('operator')) return 'the operator, of all orgs';
  if (shared) return `shared, ${scopes.join(', ')}`;
  return `org ${org}, ${scopes.join(', ')}`;
}

/** `until 2027-02-28`, `without an end`. */
export const endOf = ({ expires_at: at }: Whoami): string =>
  at === null ? 'without an end' : `until ${at.slice(0, 10)}`;

/** Server and token, and which place named each. */
export function describeWhoami(
  who: Whoami,
  { url, urlFrom, tokenFrom }: { readonly url: string; readonly urlFrom: string; readonly tokenFrom: string },
): string[] {
  const { name, token_id: id, org_id: org, scopes, repository } = who;
  return formatTable([
    ['server', url],
    ['  from', placeOf(urlFrom)],
    ['token', `${oneLine(name)} (${id})`],
    ['  from', placeOf(tokenFrom)],
    ['org', org ?? (who.shared ? 'shared' : "all: it is the operator's")],
    ['scopes', scopes.join(', ')],
    ...(repository === null ? [] : [['repository', oneLine(repository)]]),
    ...(who.agent_names ? [['agents', oneLine(who.agent_names)]] : []),
    ...(who.agent_targets ? [['targets', oneLine(who.agent_targets.join(', '))]] : []),
    ['expires', who.expires_at ?? 'never'],
    ...(who.last_used_at ? [['last used', who.last_used_at]] : []),
    ...(who.parent_id ? [['made by', who.parent_id]] : []),
  ]);
}

/** `QGJOB_TOKEN in the environment`. */
export const placeOf = (from: string): string =>
  /^[A-Z_]+$/.test(from) ? `${from} in the environment` : from;
