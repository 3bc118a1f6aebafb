import type { Figures } from '../../../protocol/shapes/figures.ts';
import type { Deps } from '../store/deps.ts';
import { listOf, readList } from '../store/rows.ts';
import { toInstant } from '../store/to-wire.ts';
import { readDepths } from './read-depths.ts';
import { addSums, type Sums, spreadOf } from './sums.ts';

const minuteMs = 60_000;
const windows = {
  '1h': { span: 10, ms: 60 * minuteMs },
  '24h': { span: 60, ms: 24 * 60 * minuteMs },
  '7d': { span: 60, ms: 7 * 24 * 60 * minuteMs },
  '30d': { span: 24 * 60, ms: 30 * 24 * 60 * minuteMs },
  '90d': { span: 24 * 60, ms: 90 * 24 * 60 * minuteMs },
} as const;

/** So many orgs are listed at most, those with the most jobs. */
const mostOrgs = 100;

type Row = [orgId: string, target: string, sums: string];

const rowsSql = (isOfOrg: string) =>
  listOf('json_array(org_id, target, sums)', `FROM figures WHERE span = ?1 AND ${isOfOrg} starts_at >= ?2`);

/**
 * The figures of a window, and what waits now; of all orgs where `orgId` is null. A window begins with a
 * whole span (10 minutes, an hour or a day), so it is a little longer than its name. `devices`: how many there are of each target.
 */
export async function readFigures(
  deps: Deps,
  orgId: string | null,
  window: keyof typeof windows,
  devices: Readonly<Record<string, number>>,
): Promise<Figures> {
  const { span, ms } = windows[window];
  const to = deps.now();
  const from = to - ms - ((to - ms) % (span * minuteMs));
  const sql = rowsSql(orgId === null ? '' : 'org_id = ?3 AND');
  const rows = await readList<Row>(deps, sql, [span, from, ...(orgId === null ? [] : [orgId])]);
  const all = rows.map(([org, target, sums]) => ({ org, target, sums: JSON.parse(sums) as Sums }));
  const total = sumOf(all);
  const depths = await readDepths(deps, orgId);
  const minutes = (to - from) / minuteMs;
  const names = [...new Set([...all.map(({ target }) => target), ...depths.map(({ target }) => target)])];
  return {
    ...{ window, from: toInstant(from), to: toInstant(to) },
    ...{ jobs: finishedOf(total), runs: total.runs ?? 0 },
    jobs_per_minute: rounded(finishedOf(total) / minutes),
    success: successOf(total),
    test: spreadOf(total.test, total.testMs),
    wait: spreadOf(total.wait),
    feedback: spreadOf(total.feedback),
    installs: total.installs ?? 0,
    installs_saved: total.saved ?? 0,
    install_ms_saved: Math.round(total.savedMs ?? 0),
    cloud_ms: Math.round(total.cloudMs ?? 0),
    orgs: orgsOf(all),
    targets: names
      .filter((target) => target !== '')
      .sort()
      .map((target) => {
        const sums = sumOf(all.filter((one) => one.target === target));
        const depth = depths.find((one) => one.target === target);
        return {
          ...{ target, jobs: finishedOf(sums), jobs_per_minute: rounded(finishedOf(sums) / minutes) },
          ...{ success: successOf(sums), test: spreadOf(sums.test, sums.testMs), wait: spreadOf(sums.wait) },
          ...{ queued: depth?.queued ?? 0, waiting: depth?.waiting ?? 0, leased: depth?.leased ?? 0 },
          cloud_ms: Math.round(sums.cloudMs ?? 0),
          use: useOf((sums.testMs ?? 0) + (sums.huntMs ?? 0), devices[target] ?? 0, to - from),
        };
      }),
  };
}

const sumOf = (all: readonly { readonly sums: Sums }[]): Sums =>
  all.reduce((sum: Sums, { sums }) => addSums(sum, sums), {});

const finishedOf = ({ passed = 0, failed = 0, errored = 0, cancelled = 0 }: Sums): number =>
  passed + failed + errored + cancelled;

/** Of the jobs that came to a verdict or should have: a cancel says nothing. */
function successOf({ passed = 0, failed = 0, errored = 0 }: Sums): number | null {
  const n = passed + failed + errored;
  return n === 0 ? null : rounded(passed / n);
}

/** The share of the time of the devices that tests took: of those that are online now, as if they always had been. */
const useOf = (testMs: number, devices: number, ms: number): number | null =>
  devices === 0 ? null : rounded(Math.min(1, testMs / (devices * ms)));

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

function orgsOf(all: readonly { readonly org: string; readonly sums: Sums }[]): Figures['orgs'] {
  return [...Map.groupBy(all, ({ org }) => org)]
    .map(([org_id, own]) => {
      const sums = sumOf(own);
      const { passed = 0, failed = 0, errored = 0, cancelled = 0, flaky = 0 } = sums;
      return {
        org_id,
        jobs: finishedOf(sums),
        passed,
        failed,
        errored,
        cancelled,
        flaky,
        success: successOf(sums),
        test: spreadOf(sums.test, sums.testMs),
        feedback: spreadOf(sums.feedback),
      };
    })
    .sort((a, b) => b.jobs - a.jobs || (a.org_id < b.org_id ? -1 : 1))
    .slice(0, mostOrgs);
}
