import type { ActorKind, AuditAction, AuditTarget } from '../../../protocol/audit-actions.ts';
import { shortLine } from '../../../protocol/clean-text.ts';
import { bulkSql, bulkValues } from '../../db/bulk-parameters.ts';
import type { Statement } from '../../db/statement.ts';

/** Who makes a call, and from where. */
export interface Actor {
  readonly kind: ActorKind;
  /** Public id of the token; '' where there is none. */
  readonly tokenId: string;
  /** '' where it is not known. */
  readonly address: string;
  readonly requestId: string;
}

/** Chosen facts of what was done: never a secret, never a body. */
export type Detail = Readonly<
  Record<string, string | number | boolean | null | readonly string[] | undefined>
>;

/** A line of the audit log. */
export interface AuditLine {
  readonly by: Actor;
  /** Null: of the whole server. */
  readonly orgId: string | null;
  readonly action: AuditAction;
  readonly targetKind: AuditTarget;
  readonly targetId: string;
  readonly detail?: Detail;
}

const longestName = 200;
const longestFact = 200;
const mostListed = 20;
const detailBytes = 1024;

/** As JSON of at most 1 kB: texts and lists are cut, and the last facts are left out where that does not do. */
export function detailJson(detail: Detail = {}): string {
  const facts = Object.entries(detail)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, shortFact(value)] as const);
  for (;;) {
    const json = JSON.stringify(Object.fromEntries(facts));
    if (Buffer.byteLength(json) <= detailBytes) return json;
    facts.pop();
  }
}

function shortFact(value: Detail[string]): Detail[string] {
  if (typeof value === 'string') return shortLine(value, longestFact);
  if (typeof value !== 'object' || value === null) return value;
  return value.slice(0, mostListed).map((one) => shortLine(one, longestFact));
}

const names = [
  ...['org', 'kind', 'token', 'address', 'action', 'target_kind', 'target', 'request', 'detail'],
] as const;
const item = bulkValues<string>(names);

/** The name that the token has now; of a workflow's, the repository and its run. */
const actorName = `coalesce(
  (SELECT t.name FROM tokens t WHERE t.id = ${item('token')}),
  (SELECT (g.facts ->> '$.repository') || ' run ' || (g.facts ->> '$.run_id') FROM github_sign_ins g WHERE g.id = ${item('token')}),
  '')`;

/** Writes these lines. It belongs into the commit of what they tell of, where that is simple. `at` in epoch ms. */
export const auditStatement = (lines: readonly AuditLine[], at: number): Statement => ({
  sql: `${bulkSql} INSERT INTO audit (at, org_id, actor_kind, token_id, actor_name, address, action, target_kind, target_id,
          request_id, detail)
        SELECT ?2, ${item('org', 'kind', 'token')}, ${actorName}, ${item('address', 'action', 'target_kind', 'target')},
          ${item('request', 'detail')}
        FROM i`,
  args: [JSON.stringify(lines.map(valuesOf)), at],
});

const valuesOf = ({ by, orgId, action, targetKind, targetId, detail }: AuditLine) => [
  orgId,
  by.kind,
  by.tokenId,
  by.address,
  action,
  targetKind,
  shortLine(targetId, longestName),
  by.requestId,
  detailJson(detail),
];
