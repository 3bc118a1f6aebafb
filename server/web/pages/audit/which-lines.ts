import { auditActions } from '../../../../protocol/audit-actions.ts';
import { QgjobError } from '../../../../protocol/errors.ts';
import type { WhichLines } from '../../../queue/audit/index.ts';
import type { PageCall } from '../../page.ts';
import { readChoice } from '../../read-query.ts';

/** The fields of the search as they were sent. */
export type AuditSearch = Readonly<
  Record<'action' | 'token' | 'target' | 'since' | 'until', string | undefined>
>;

export const searchOf = ({ query }: Pick<PageCall, 'query'>): AuditSearch => ({
  action: query('action'),
  token: query('token')?.slice(0, 100),
  target: query('target')?.slice(0, 200),
  since: query('since'),
  until: query('until'),
});

const dayMs = 24 * 3_600_000;

/** Days count as they are in UTC, the last one with them. Errors: `invalid`. */
export function whichLines(call: Pick<PageCall, 'query'>, search: AuditSearch): WhichLines {
  const since = readDay('since', search.since);
  const until = readDay('until', search.until);
  return {
    action: readChoice(call, 'action', auditActions),
    token_id: search.token,
    target: search.target,
    since: since === undefined ? undefined : new Date(since).toISOString(),
    until: until === undefined ? undefined : new Date(until + dayMs).toISOString(),
  };
}

function readDay(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at)) throw new QgjobError('invalid', `${name}: give a day, like 2027-01-31`);
  return at;
}
