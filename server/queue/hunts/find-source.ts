import type { SubmitRun } from '../../../protocol/shapes/run.ts';
import { fileOf, testIdOf } from '../ledger/index.ts';
import type { Deps } from '../store/deps.ts';
import type { QuarantinedTest } from './quarantined-test.ts';

/** Of a run: what its test is executed with. */
const taken = ['app_version_id', 'source', 'params', 'grep', 'framework', 'timeout_ms'] as const;
export type HuntSource = Pick<SubmitRun, (typeof taken)[number]>;

/** So many sources are looked at: of the newest, and of the newest of the base branch behind them. */
const mostSources = 200;

/**
 * The runs that executed a test file (?1: its id), by its last sources, the newest run first; never hunts. SEARCH s USING PRIMARY KEY
 * (test_id=?), j USING INDEX sqlite_autoindex_jobs_1 (id=?), r USING INDEX sqlite_autoindex_runs_1 (id=?)
 */
const runsSql = `SELECT r.app_version_id, r.settings, r.branch_key, r.base_key
  FROM (SELECT jobs FROM test_sources WHERE test_id = ?1 ORDER BY at DESC LIMIT ${mostSources}) s
    CROSS JOIN json_each(s.jobs) i CROSS JOIN jobs j ON j.id = i.value CROSS JOIN runs r ON r.id = j.run_id
  WHERE r.hunt_times IS NULL ORDER BY r.submitted_at DESC, r.id DESC`;

/**
 * What a quarantined test is hunted with: as the newest run of the base branch executed it, where a run names such a branch; else as
 * the newest run did. Undefined: none of its runs is kept.
 */
export async function findSource(deps: Deps, test: QuarantinedTest): Promise<HuntSource | undefined> {
  const rows = await deps.sql.read(runsSql, [testIdOf(fileOf(test))]);
  const base = rows.find((row) => row.base_key !== null)?.base_key ?? null;
  const ofBase = base === null ? undefined : rows.find((row) => row.branch_key === base);
  const chosen = ofBase ?? rows[0];
  if (!chosen) return undefined;
  const settings = JSON.parse(String(chosen.settings)) as HuntSource;
  return Object.fromEntries(
    taken.flatMap((name) => (settings[name] === undefined ? [] : [[name, settings[name]]])),
  ) as HuntSource;
}
