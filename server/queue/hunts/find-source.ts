import type { Row } from '@libsql/client';
import { writersEvents } from '../../../protocol/github.ts';
import type { SubmitRun } from '../../../protocol/shapes/run.ts';
import { quoteList } from '../../db/sql-list.ts';
import { fileOf, readVerdicts, resultsOfJob, testIdOf } from '../ledger/index.ts';
import type { Deps } from '../store/deps.ts';
import type { QuarantinedTest } from './quarantined-test.ts';

/** Of a run: what its test is executed with. */
const taken = ['app_version_id', 'source', 'params', 'grep', 'framework', 'timeout_ms'] as const;
type Taken = Pick<SubmitRun, (typeof taken)[number]>;

/** What a hunt is submitted with; `metadata` says whose code that is (`readOrigin`). */
export interface HuntSource extends Taken {
  readonly metadata: Readonly<Record<string, string>>;
}

/** So many sources are known of, and so many jobs on them are asked whether the test itself had a verdict. */
const mostSources = 200;
const mostJobs = 50;

/**
 * The jobs of runs that executed a test file (?1: its id), by its last sources, those of the newest run first; never hunts, nor
 * what may be code of strangers (`writersEvents`), which a hunt would run on any target. SEARCH s
 * USING PRIMARY KEY (test_id=?), j USING INDEX sqlite_autoindex_jobs_1 (id=?), r USING INDEX sqlite_autoindex_runs_1 (id=?)
 */
const runsSql = `SELECT j.id AS job_id, r.id AS run_id, r.app_version_id, r.settings, r.branch_key, r.base_key
  FROM (SELECT jobs FROM test_sources WHERE test_id = ?1 ORDER BY at DESC LIMIT ${mostSources}) s
    CROSS JOIN json_each(s.jobs) i CROSS JOIN jobs j ON j.id = i.value CROSS JOIN runs r ON r.id = j.run_id
  WHERE r.hunt_times IS NULL AND coalesce(r.github ->> 'event_name' IN ${quoteList(writersEvents)}, 1) ORDER BY r.submitted_at DESC, r.id DESC`;

/**
 * What a quarantined test is hunted with: as the newest run of the base branch did in which that test itself had a verdict, so not a
 * run that left its case out; else as the newest such run did. Undefined: there is none.
 */
export async function findSource(deps: Deps, test: QuarantinedTest): Promise<HuntSource | undefined> {
  const rows = await deps.sql.read(runsSql, [testIdOf(fileOf(test))]);
  const base = baseOf(rows);
  const isOfBase = (row: Row): boolean => row.branch_key === base;
  const inOrder = [...rows.filter(isOfBase), ...rows.filter((row) => !isOfBase(row))];
  for (const row of inOrder.slice(0, mostJobs))
    if (await hadVerdict(deps, test, String(row.job_id))) return toSource(row, isOfBase(row));
  return undefined;
}

/**
 * The key of the base branch: the one that a run names, or the only branch there is; null where runs name no branch at all, and all
 * of them count as of one line. Undefined: nobody knows which of several it is.
 */
function baseOf(rows: readonly Row[]): string | null | undefined {
  const named = rows.find((row) => row.base_key !== null)?.base_key;
  if (named !== undefined) return String(named);
  const [first, ...others] = new Set(
    rows.flatMap(({ branch_key: key }) => (key === null ? [] : [String(key)])),
  );
  return others.length > 0 ? undefined : (first ?? null);
}

async function hadVerdict(deps: Deps, test: QuarantinedTest, jobId: string): Promise<boolean> {
  const verdicts = (await readVerdicts(deps, [jobId])).get(jobId) ?? [];
  return resultsOfJob(test, verdicts).some(({ testId }) => testId === test.testId);
}

function toSource(row: Row, isBase: boolean): HuntSource {
  const settings = JSON.parse(String(row.settings)) as Taken;
  const own = taken.flatMap((name) => (settings[name] === undefined ? [] : [[name, settings[name]]]));
  const [, branch] = JSON.parse(String(row.branch_key ?? '[]')) as string[];
  return {
    ...(Object.fromEntries(own) as Taken),
    metadata: {
      ...{ source_run: String(row.run_id), source_is_base: String(isBase) },
      ...(branch !== undefined && { source_branch: branch }),
    },
  };
}

/** Whose code a hunt ran. */
interface Origin {
  /** Null where its run named none. */
  readonly branch: string | null;
  readonly commit: string | null;
  /** It is known to be that of the base branch, or no run names a branch. */
  readonly is_base: boolean;
}

/** Of the row of a hunt's run, as `findSource` chose it. */
export function readOrigin({ metadata, settings }: Row): Origin {
  const { source_branch: branch = null, source_is_base: isBase } = JSON.parse(String(metadata));
  const { source } = JSON.parse(String(settings)) as { source?: { sha?: string } };
  return { branch, commit: source?.sha ?? null, is_base: isBase === 'true' };
}
