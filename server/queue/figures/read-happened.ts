import type { JobStatus, Outcome } from '../../../protocol/states.ts';
import type { Deps } from '../store/deps.ts';
import { listOf, readList } from '../store/rows.ts';
import { one, type Sums } from './sums.ts';

/** What one event adds to the figures. */
export interface Happened {
  readonly orgId: string;
  /** '' for a run. */
  readonly target: string;
  /** Epoch ms. */
  readonly at: number;
  readonly sums: Sums;
  /** A job that is final. */
  readonly job?: { readonly status: JobStatus; readonly outcome: Outcome };
  /** A run that is final. */
  readonly run?: {
    readonly conclusion: string;
    readonly feedbackMs: number;
    readonly saved: number;
    readonly savedMs: number;
  };
}

/** So many events are read at once: about 5 ms. */
export const eventsPerStep = 500;

/**
 * The events after ?1 with what is known of their jobs, attempts and runs. An attempt that ended with the event, and the
 * first start of a job, are found by their instants. SEARCH e USING INTEGER PRIMARY KEY (rowid>?), j USING INTEGER PRIMARY
 * KEY, a USING PRIMARY KEY (job_id=?), r USING INDEX sqlite_autoindex_runs_1 (id=?)
 */
const happenedSql = listOf(
  'json_array(seq, type, was, at, org_id, target, outcome, wait, took, cloud, run, hunted)',
  `FROM (
  SELECT e.seq, e.type, e.was, e.at, e.org_id, j.target, j.outcome,
    CASE WHEN e.type = 'running' THEN (SELECT e.at - j.submitted_at FROM attempts a
      WHERE a.job_id = e.job_id AND a.attempt = 1 AND a.started_at = e.at) END AS wait,
    CASE WHEN e.was = 'running' THEN (SELECT a.duration_ms FROM attempts a
      WHERE a.job_id = e.job_id AND a.finished_at = e.at AND a.verdict IN ('passed', 'failed') LIMIT 1) END AS took,
    CASE WHEN e.was = 'running' THEN (SELECT coalesce(a.duration_ms, a.finished_at - a.started_at) FROM attempts a
      WHERE a.job_id = e.job_id AND a.finished_at = e.at AND a.provider IS NOT NULL LIMIT 1) END AS cloud,
    CASE WHEN e.type = 'run_ended' THEN (SELECT json_array(r.conclusion, r.finished_at - r.submitted_at, r.installs,
      max(0, r.attempts - r.installs), coalesce(r.install_ms, 0)) FROM runs r WHERE r.id = e.run_id) END AS run,
    EXISTS (SELECT 1 FROM runs h WHERE h.id = e.run_id AND h.hunt_times IS NOT NULL) AS hunted
  FROM events e LEFT JOIN jobs j ON j.seq = e.job_seq
  WHERE e.seq > ?1 ORDER BY e.seq LIMIT ${eventsPerStep})`,
);

type Row = [
  seq: number,
  type: string,
  was: string | null,
  at: number,
  orgId: string,
  target: string | null,
  outcome: Outcome | null,
  wait: number | null,
  took: number | null,
  cloud: number | null,
  run: string | null,
  hunted: number,
];

/** What happened after the event `seq`, and up to which event that is. */
export async function readHappened(
  deps: Pick<Deps, 'sql'>,
  seq: number,
): Promise<{ readonly last: number; readonly happened: readonly Happened[]; readonly isMore: boolean }> {
  const rows = await readList<Row>(deps, happenedSql, [seq]);
  return {
    last: rows.at(-1)?.[0] ?? seq,
    happened: rows.flatMap(happenedOf),
    isMore: rows.length === eventsPerStep,
  };
}

const finals: Readonly<Record<string, Sums>> = {
  passed: { passed: 1 },
  failed: { failed: 1 },
  errored: { errored: 1 },
  cancelled: { cancelled: 1 },
};

function happenedOf(row: Row): Happened[] {
  const [, type, was, at, orgId, target, outcome, wait, took, cloud, run, hunted] = row;
  if (hunted === 1) return ofHunt(row);
  if (run !== null) return [{ orgId, target: '', at, ...ofRun(run) }];
  if (target === null || was === null) return [];
  const final = finals[type];
  const sums: Sums = {
    ...final,
    ...(final && outcome === 'flaky' && { flaky: 1 }),
    ...(wait !== null && { wait: one(wait) }),
    ...(took !== null && { test: one(took), testMs: took }),
    ...(cloud !== null && { cloudMs: cloud }),
  };
  if (Object.keys(sums).length === 0) return [];
  const job = final && outcome !== null ? { status: type as JobStatus, outcome } : undefined;
  return [{ orgId, target, at, sums, ...(job && { job }) }];
}

/** Of a hunt only what it takes of devices: how often one test fails, and how long it waits for idle ones, is nobody's success or wait. */
function ofHunt([, , was, at, orgId, target, , , took, cloud]: Row): Happened[] {
  if (target === null || was === null || (took === null && cloud === null)) return [];
  const sums: Sums = { ...(took !== null && { huntMs: took }), ...(cloud !== null && { cloudMs: cloud }) };
  return [{ orgId, target, at, sums }];
}

function ofRun(json: string): Pick<Happened, 'sums' | 'run'> {
  const [conclusion, feedbackMs, installs, saved, installMs] = JSON.parse(json) as [
    string,
    number,
    number,
    number,
    number,
  ];
  const savedMs = saved * installMs;
  return {
    sums: { runs: 1, installs, saved, savedMs, feedback: one(feedbackMs) },
    run: { conclusion, feedbackMs, saved, savedMs },
  };
}
