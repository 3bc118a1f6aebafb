import type { Deps } from '../store/deps.ts';
import { listOf, readList } from '../store/rows.ts';
import { addSums, type Sums, spreadOf } from './sums.ts';

const minuteMs = 60_000;
const steps = {
  '24h': { span: 60, n: 24 },
  '7d': { span: 60, n: 7 * 24 },
} as const;

/** What was done in one hour. */
export interface SeriesStep {
  /** When it begins, epoch ms. */
  readonly at: number;
  readonly passed: number;
  readonly failed: number;
  readonly errored: number;
  readonly cancelled: number;
  /** From the submit of a job to its first start, ms; undefined where none started. */
  readonly waitP50Ms: number | undefined;
  readonly waitP95Ms: number | undefined;
  readonly installs: number;
  readonly installsSaved: number;
}

const rowsSql = (isOfOrg: string) =>
  listOf('json_array(starts_at, sums)', `FROM figures WHERE span = ?1 AND ${isOfOrg} starts_at >= ?2`);

/** The last hours one by one, the oldest first, of all orgs where `orgId` is null. An hour in which nothing happened is there too. */
export async function readSeries(
  deps: Deps,
  orgId: string | null,
  window: keyof typeof steps,
): Promise<SeriesStep[]> {
  const { span, n } = steps[window];
  const stepMs = span * minuteMs;
  const now = deps.now();
  const first = now - (now % stepMs) - (n - 1) * stepMs;
  const sql = rowsSql(orgId === null ? '' : 'org_id = ?3 AND');
  const rows = await readList<[number, string]>(deps, sql, [span, first, ...(orgId === null ? [] : [orgId])]);
  const sums = new Map<number, Sums>();
  for (const [at, json] of rows) sums.set(at, addSums(sums.get(at) ?? {}, JSON.parse(json) as Sums));
  return Array.from({ length: n }, (_, index) => toStep(first + index * stepMs, sums));
}

function toStep(at: number, all: ReadonlyMap<number, Sums>): SeriesStep {
  const {
    passed = 0,
    failed = 0,
    errored = 0,
    cancelled = 0,
    installs = 0,
    saved = 0,
    wait,
  } = all.get(at) ?? {};
  const { p50_ms: p50, p95_ms: p95 } = spreadOf(wait);
  return {
    ...{ at, passed, failed, errored, cancelled, installs, installsSaved: saved },
    ...{ waitP50Ms: p50 ?? undefined, waitP95Ms: p95 ?? undefined },
  };
}
