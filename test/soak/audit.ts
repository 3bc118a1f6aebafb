import { DatabaseSync } from 'node:sqlite';
import { readBrokenRules } from '../faults/broken-rules.ts';
import { readCrashes } from '../faults/read-crashes.ts';
import { auditFigures, auditInstalls } from './audit-figures.ts';
import { auditFiles } from './audit-files.ts';
import { rulesOfItsEnd, rulesOfRetention } from './audit-rules.ts';
import type { ApiEnd } from './end-soak.ts';
import type { Lives } from './lives.ts';
import { lastLifeSeconds } from './options.ts';
import type { Soak } from './soak-lab.ts';

/** So long a server must have lived to have deleted what is due, s. */
const deletionSeconds = 90;

/** What does not add up, once the server has ended. */
export function audit(soak: Soak, lives: Lives, api: ApiEnd): string[] {
  const { lab, options } = soak;
  const hadTime = lastLifeSeconds(options) >= deletionSeconds;
  const database = new DatabaseSync(lab.databaseFile, { readOnly: true });
  try {
    return [
      ...readBrokenRules(lab.databaseFile, { ...rulesOfItsEnd, ...(hadTime && rulesOfRetention) }),
      ...auditFigures(soak, database),
      ...auditInstalls(soak, database),
      ...auditApi(database, api),
      ...auditFiles(lab, database, lives),
      ...readCrashes(lab),
    ];
  } finally {
    database.close();
  }
}

const statuses = ['passed', 'failed', 'errored', 'cancelled'] as const;

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
