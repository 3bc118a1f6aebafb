import { DatabaseSync } from 'node:sqlite';
import { readBrokenRules } from '../faults/broken-rules.ts';
import { readCrashes } from '../faults/read-crashes.ts';
import { auditFiles } from './audit-files.ts';
import { rulesOfItsEnd, rulesOfRetention } from './audit-rules.ts';
import type { ApiEnd } from './end-soak.ts';
import type { Told } from './ledger.ts';
import type { Lives } from './lives.ts';
import { lastLifeSeconds } from './options.ts';
import type { Soak } from './soak-lab.ts';

/** So long a server must have lived to have deleted what is due, s. */
const deletionSeconds = 120;

/** What does not add up, once the server has ended. */
export function audit(soak: Soak, lives: Lives, api: ApiEnd): string[] {
  const { lab, options } = soak;
  const hadTime = lastLifeSeconds(options) >= deletionSeconds;
  const database = new DatabaseSync(lab.databaseFile, { readOnly: true });
  try {
    return [
      ...readBrokenRules(lab.databaseFile, { ...rulesOfItsEnd, ...(hadTime && rulesOfRetention) }),
      ...auditFigures(soak, database),
      ...auditApi(database, api),
      ...auditFiles(lab, database, lives),
      ...readCrashes(lab),
    ];
  } finally {
    database.close();
  }
}

const statuses = ['passed', 'failed', 'errored', 'cancelled'] as const;

/** What was acknowledged, what clients were told of its end, and what the server summed up from its events are one. */
function auditFigures({ ledger }: Soak, database: DatabaseSync): string[] {
  return [...ledger.acknowledged].flatMap(([orgId, acknowledged]) => {
    const told = ledger.told.get(orgId);
    const summed = readFigures(database, orgId);
    const differ = (what: string, a: number | undefined, b: number | undefined): string[] =>
      a === b ? [] : [`${orgId}: ${what}: ${a} and ${b}`];
    return [
      ...differ('runs acknowledged and ended', acknowledged.runs, told?.runs),
      ...differ('jobs acknowledged and final', acknowledged.jobs, told?.jobs),
      ...differ('jobs acknowledged and final by the events', acknowledged.jobs, sumOf(summed)),
      ...(['runs', ...statuses, 'flaky'] as const).flatMap((what) =>
        differ(
          `${what} as clients were told, and as the server sums up`,
          told?.[what] ?? 0,
          summed[what] ?? 0,
        ),
      ),
    ];
  });
}

const sumOf = (sums: Partial<Told>): number => statuses.reduce((sum, status) => sum + (sums[status] ?? 0), 0);

/** The sums by hour, which outlive the runs. */
function readFigures(database: DatabaseSync, orgId: string): Partial<Told> {
  const rows = database.prepare('SELECT sums FROM figures WHERE span = 60 AND org_id = ?').all(orgId);
  const total: Record<string, number> = {};
  for (const { sums } of rows)
    for (const [name, value] of Object.entries(JSON.parse(String(sums))))
      if (typeof value === 'number') total[name] = (total[name] ?? 0) + value;
  return total;
}

/** What the API said last is what the rows say. */
function auditApi(database: DatabaseSync, { stats, deadLetters, devices, series }: ApiEnd): string[] {
  const count = (sql: string): number => Number(database.prepare(sql).get()?.n);
  const differ = (what: string, said: number, rows: number): string[] =>
    said === rows ? [] : [`${what}: the API said ${said}, there are ${rows}`];
  return [
    ...statuses.flatMap((status) =>
      differ(
        `jobs ${status}`,
        stats.jobs[status],
        count(`SELECT count(*) AS n FROM jobs WHERE status = '${status}'`),
      ),
    ),
    ...differ('dead letters', deadLetters, count(deadSql)),
    ...differ('devices', devices, count('SELECT count(*) AS n FROM devices WHERE listed = 1')),
    ...differ('devices in /metrics', series.sum('qgjob_devices'), devices),
    ...differ('jobs in the queue', series.sum('qgjob_queue_jobs'), 0),
    ...differ('live leases', series.sum('qgjob_leases_active'), 0),
    ...differ('open runs', series.sum('qgjob_runs_active'), 0),
    ...differ('held polls', series.sum('qgjob_lease_polls_held'), 0),
    ...differ('writes that wait', series.sum('qgjob_db_writes_waiting'), 0),
    ...differ('internal errors', series.sum('qgjob_internal_errors_total'), 0),
    ...differ('passes of loops that failed', series.sum('qgjob_loop_errors_total'), 0),
  ];
}

const deadSql = `SELECT count(*) AS n FROM jobs j WHERE j.status IN ('failed', 'errored') AND NOT EXISTS (
  SELECT 1 FROM runs r JOIN jobs again ON again.run_id = r.id
  WHERE r.retry_of = j.run_id AND again.test_path = j.test_path AND again.target = j.target)`;
