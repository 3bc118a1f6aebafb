import { QgjobError } from '../../../protocol/errors.ts';
import type { Deps } from '../store/deps.ts';
import { readList } from '../store/read-rows.ts';

/** A target as an org asks for it. */
export interface Asked {
  readonly orgId: string;
  readonly target: string;
}

export const askedKey = ({ orgId, target }: Asked): string => `${orgId} ${target}`;

/** True where a device of the org (SQL) or a shared one has ever offered the target (SQL), whatever became of it. */
export const isOffered = (org: string, target: string): string =>
  `(EXISTS (SELECT 1 FROM pools WHERE owner = ${org} AND target = ${target} AND offered_at IS NOT NULL)
    OR EXISTS (SELECT 1 FROM pools WHERE owner = '' AND target = ${target} AND offered_at IS NOT NULL))`;

/** SEARCH pools USING INDEX pools_key (owner=? AND target=?), for each */
const unofferedSql = `SELECT json_group_array(i.key) AS list FROM json_each(?) i
  WHERE NOT ${isOffered('(i.value ->> 0)', '(i.value ->> 1)')}`;

/** Those that no device has ever offered, by `askedKey`; one look-up for each that differs. */
export async function findUnoffered(
  deps: Pick<Deps, 'sql'>,
  all: readonly Asked[],
): Promise<ReadonlySet<string>> {
  const distinct = [...new Map(all.map((one) => [askedKey(one), one])).values()];
  const asked = JSON.stringify(distinct.map(({ orgId, target }) => [orgId, target]));
  const missing = new Set(await readList<number>(deps, unofferedSql, [asked]));
  return new Set(distinct.filter((_, index) => missing.has(index)).map(askedKey));
}

/** A pool is a target with a slash: somebody named it, so a device that nobody has is likely a slip of the pen. */
export const isPool = (target: string): boolean => target.includes('/');

// Each is compared letter by letter, on the event loop.
const targetsRead = 100;
const targetsTold = 10;
const nearestTold = 3;

/** The refusal of a pool that no device has ever offered, with those that are near by name, or all where they are few. */
export async function noSuchPool(deps: Pick<Deps, 'sql'>, { orgId, target }: Asked): Promise<QgjobError> {
  const rows = await deps.sql.read(
    `SELECT DISTINCT target FROM pools WHERE owner IN (?, '') AND offered_at IS NOT NULL ORDER BY target LIMIT ?`,
    [orgId, targetsRead],
  );
  const offered = rows.map((row) => String(row.target));
  const near = nearest(target, offered);
  const hints = [
    ...(near.length > 0 ? [`near it are ${near.join(', ')}`] : []),
    ...(offered.length > targetsTold ? [] : [`devices offer ${offered.join(', ') || 'nothing yet'}`]),
    'allow_no_device: true queues all the same',
  ];
  return new QgjobError('no_device', `no device has ever offered ${target}; ${hints.join('; ')}`, {
    details: { target, near },
  });
}

/** The closest of these, best first: a few letters away, the more the longer the name is. */
export function nearest(target: string, offered: readonly string[]): string[] {
  const most = Math.max(2, Math.floor(target.length / 3));
  return offered
    .map((other) => ({ other, away: distance(target.toLowerCase(), other.toLowerCase()) }))
    .filter(({ away }) => away <= most)
    .sort((a, b) => a.away - b.away || (a.other < b.other ? -1 : 1))
    .slice(0, nearestTold)
    .map(({ other }) => other);
}

/** Letters put in, left out, changed, or swapped with the next (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwap ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
