import { QgjobError } from '../../../protocol/errors.ts';
import { submitDefaults } from '../../../protocol/limits.ts';
import { isOffered } from '../fleet/index.ts';
import type { Deps } from '../store/deps.ts';
import { listOf, readList } from '../store/rows.ts';
import { branchColumns } from './branch-keys.ts';
import type { CheckedSubmit, Submit } from './new-run.ts';

/**
 * Checks the targets of each submit. Answers, in order, the submit with its targets that no device has ever offered,
 * or the refusal: `no_device` where one of those is a pool.
 */
export async function checkTargets(
  deps: Deps,
  submits: readonly Submit[],
): Promise<(CheckedSubmit | QgjobError)[]> {
  const neverOffered = await findNeverOffered(deps, submits);
  return Promise.all(
    submits.map(async (submit, index) => {
      const targets = neverOffered[index] ?? [];
      const pool = targets.find(isPool);
      return pool === undefined
        ? { submit, neverOffered: targets }
        : noSuchPool(deps, { orgId: submit.input.orgId, target: pool });
    }),
  );
}

/** What the submitter should know about a run that was accepted all the same. */
export const warningsOf = ({ submit: { input }, neverOffered }: CheckedSubmit): string[] => [
  ...neverOffered.map((target) =>
    input.body.queue_timeout_ms === undefined
      ? `no device has offered ${target} yet: its jobs end as no_device after ${submitDefaults.unofferedTimeoutMs / 60_000} minutes, unless one does`
      : `no device has offered ${target} yet: its jobs wait for one until their queue timeout`,
  ),
  ...(input.body.fail_on === 'new' && branchColumns(input.body, '').baseKey === null
    ? ['fail_on is new, but this run has no base branch to compare with: every failure fails it']
    : []),
];

/** A pool is a target with a slash. Somebody has named it, so a pool that no device has is likely a typing error. */
const isPool = (target: string): boolean => target.includes('/');

interface OrgTarget {
  readonly orgId: string;
  readonly target: string;
}

const keyOf = ({ orgId, target }: OrgTarget): string => `${orgId} ${target}`;

/** SEARCH pools USING INDEX pools_key (owner=? AND target=?), for each */
const neverOfferedSql = listOf(
  `i.key`,
  `FROM json_each(?) i
  WHERE NOT ${isOffered('(i.value ->> 0)', '(i.value ->> 1)')}`,
);

/**
 * The targets of each submit that no device has ever offered; none where the submit allows that. One statement, with
 * one look-up for each target of an org.
 */
export async function findNeverOffered(deps: Deps, submits: readonly Submit[]): Promise<string[][]> {
  const wanted = submits.map(({ input, specs }) => {
    const targets = input.body.allow_no_device ? [] : [...new Set(specs.map(({ target }) => target))];
    return targets.map((target): OrgTarget => ({ orgId: input.orgId, target }));
  });
  const distinct = [...new Map(wanted.flat().map((one) => [keyOf(one), one])).values()];
  if (distinct.length === 0) return submits.map(() => []);
  const json = JSON.stringify(distinct.map(({ orgId, target }) => [orgId, target]));
  const places = new Set(await readList<number>(deps, neverOfferedSql, [json]));
  const keys = new Set(distinct.filter((_, place) => places.has(place)).map(keyOf));
  return wanted.map((one) => one.filter((target) => keys.has(keyOf(target))).map(({ target }) => target));
}

// Each is compared with the wanted one letter by letter, on the event loop.
const targetsRead = 100;
const targetsShown = 10;
const nearestShown = 3;

/** The refusal of a pool that no device has ever offered. It names similar targets, or all where there are few. */
async function noSuchPool(deps: Deps, { orgId, target }: OrgTarget): Promise<QgjobError> {
  const rows = await deps.sql.read(
    `SELECT DISTINCT target FROM pools WHERE owner IN (?, '') AND offered_at IS NOT NULL ORDER BY target LIMIT ?`,
    [orgId, targetsRead],
  );
  const offered = rows.map((row) => String(row.target));
  const near = nearest(target, offered);
  const hints = [
    ...(near.length > 0 ? [`near it are ${near.join(', ')}`] : []),
    ...(offered.length > targetsShown || offered.length === 0 ? [] : [`devices offer ${offered.join(', ')}`]),
    ...(offered.length === 0 ? ['no agent has offered any device yet: start one by `qgjob agent`'] : []),
    'allow_no_device: true queues all the same',
  ];
  return new QgjobError('no_device', `no device has ever offered ${target}; ${hints.join('; ')}`, {
    details: { target, near },
  });
}

/** The most similar of these, best first: a few letters away, and more letters for a longer name. */
export function nearest(target: string, offered: readonly string[]): string[] {
  const most = Math.max(2, Math.floor(target.length / 3));
  return offered
    .map((other) => ({ other, away: distance(target.toLowerCase(), other.toLowerCase()) }))
    .filter(({ away }) => away <= most)
    .sort((a, b) => a.away - b.away || (a.other < b.other ? -1 : 1))
    .slice(0, nearestShown)
    .map(({ other }) => other);
}

/** Letters inserted, left out, changed, or swapped with the next one (optimal string alignment). */
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
