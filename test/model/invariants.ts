import { readJob } from '../../server/queue/store/read-job.ts';
import { checkResults } from './check-results.ts';
import type { Model } from './model.ts';

/** Invariants: each statement finds rows that break the sentence before it. */
export const rules: Record<string, string> = {
  'a leased job has a live lease': `SELECT id FROM jobs WHERE lease_id IS NOT NULL
     AND (SELECT state FROM leases WHERE id = jobs.lease_id) IS NOT 'active'`,
  'a live lease has jobs, all of one group': `SELECT id FROM leases WHERE state = 'active' AND (
     (SELECT count(*) FROM jobs WHERE lease_id = leases.id) = 0
     OR EXISTS (SELECT 1 FROM jobs WHERE lease_id = leases.id AND group_id <> leases.group_id))`,
  'a lease holds no more than it took': `SELECT id FROM leases
     WHERE n_jobs IS NULL OR (SELECT count(*) FROM jobs WHERE lease_id = leases.id) > n_jobs`,
  'attempts are numbered without gaps': `SELECT j.id FROM jobs j WHERE j.attempt <>
     (SELECT count(*) FROM attempts a WHERE a.job_id = j.id) OR
     EXISTS (SELECT 1 FROM attempts a WHERE a.job_id = j.id AND a.attempt NOT BETWEEN 1 AND j.attempt)`,
  'an attempt is open exactly while its job runs': `SELECT a.job_id FROM attempts a JOIN jobs j ON j.id = a.job_id
     WHERE (a.verdict IS NULL) <> (j.status = 'running' AND a.attempt = j.attempt AND a.lease_id = j.lease_id)`,
  'the counts of a run are the sum of its jobs': `SELECT r.id FROM runs r WHERE
     (waiting, queued, scheduled, running, passed, failed, errored, cancelled, flaky, attempts) <>
     (SELECT sum(status = 'waiting'), sum(status = 'queued'), sum(status = 'scheduled'), sum(status = 'running'),
       sum(status = 'passed'), sum(status = 'failed'), sum(status = 'errored'), sum(status = 'cancelled'),
       sum(outcome IS 'flaky'), sum(attempt) FROM jobs WHERE run_id = r.id)`,
  'a run is final exactly when all its jobs are': `SELECT r.id FROM runs r WHERE (r.finished_at IS NOT NULL) <>
     NOT EXISTS (SELECT 1 FROM jobs WHERE run_id = r.id AND finalized_at IS NULL)`,
  'no run is green but by passed tests alone': `SELECT r.id FROM runs r WHERE r.conclusion = 'success'
     AND (r.status <> 'passed' OR EXISTS (SELECT 1 FROM jobs WHERE run_id = r.id AND status <> 'passed'))`,
  'a passed job has an attempt that passed': `SELECT j.id FROM jobs j WHERE j.status = 'passed' AND
     (SELECT verdict FROM attempts a WHERE a.job_id = j.id AND a.attempt = j.attempt) IS NOT 'passed'`,
  'a job without a report passes only as an own command': `SELECT j.id FROM jobs j
     JOIN attempts a ON a.job_id = j.id AND a.attempt = j.attempt
     WHERE j.status = 'passed' AND a.report IS NULL AND j.framework NOT IN ('command', '')`,
  'a passed job with a report ran a test in its last attempt, and none failed': `SELECT j.id FROM jobs j
     JOIN attempts a ON a.job_id = j.id AND a.attempt = j.attempt
     WHERE j.status = 'passed' AND a.report IS NOT NULL AND (a.report ->> 'passed' > 0 AND a.report ->> 'failed' = 0) IS NOT TRUE`,
  'no failed test is left in the merged report of a passed job': `SELECT j.id FROM jobs j
     JOIN attempts a ON a.job_id = j.id AND a.attempt = j.attempt
     WHERE j.status = 'passed' AND coalesce(a.merged_report, a.report) ->> 'failed' > 0`,
  'a selection passes only after a failed attempt that named tests': `SELECT a.job_id FROM attempts a
     WHERE a.verdict = 'passed' AND a.retried_tests IS NOT NULL AND NOT EXISTS (SELECT 1 FROM attempts f
       WHERE f.job_id = a.job_id AND f.attempt < a.attempt AND f.verdict = 'failed' AND f.only IS NOT NULL)`,
  'a job is flaky exactly when it passed after a failure, before or within its report': `SELECT j.id FROM jobs j
     JOIN attempts a ON a.job_id = j.id AND a.attempt = j.attempt WHERE j.status = 'passed' AND
     (j.outcome = 'flaky') <> (j.test_failures > 0 OR a.report ->> 'flaky' > 0)`,
  'a report that says nothing is tried again once': `SELECT job_id FROM attempts WHERE error_class = 'report_error'
     GROUP BY job_id HAVING count(*) > 2`,
  'a job counts its report errors, as a part of its failures': `SELECT j.id FROM jobs j WHERE j.cancel_requested_at IS NULL AND
     (j.report_errors <> (SELECT count(*) FROM attempts a WHERE a.job_id = j.id AND a.error_class = 'report_error')
      OR j.report_errors > j.failures)`,
  'an agent of an org has nothing of another installed': `SELECT d.id FROM devices d JOIN groups g ON g.id = d.installed_group_id
     WHERE d.owner NOT IN ('', g.org_id)`,
  'an errored run says why, and no other run says that': `SELECT id FROM runs WHERE
     (status = 'errored' AND reason IS NULL) OR (status NOT IN ('errored') AND reason IN
       ('app', 'report', 'rejected', 'no_device', 'device', 'infrastructure'))`,
  'batches count their queued jobs, those of hunts apart': `SELECT b.id FROM batches b WHERE (b.queued, b.queued_ms, b.hunted) <>
     (SELECT coalesce(sum(priority > 0), 0), coalesce(sum((priority > 0) * estimate_ms), 0), coalesce(sum(priority = 0), 0)
       FROM jobs WHERE batch_id = b.id AND status = 'queued')`,
  'a device that a person has gets no lease': `SELECT w.id FROM borrows w JOIN leases l ON l.device_id = w.device_id
     WHERE w.status = 'active' AND l.state = 'active'`,
  'what is on a device that a person has is not known': `SELECT d.id FROM devices d JOIN borrows w ON w.device_id = d.id
     WHERE w.status = 'active' AND (d.installed_group_id IS NOT NULL OR d.doubted = 0)`,
  'a job of a hunt, or of a run that holds devices, has a lease of its own': `SELECT l.id FROM leases l WHERE l.n_jobs > 1
     AND EXISTS (SELECT 1 FROM jobs j JOIN batches b ON b.id = j.batch_id WHERE j.lease_id = l.id AND b.lone = 1)`,
  'a hunt retries no failure': `SELECT id FROM jobs WHERE priority = 0 AND test_failures > 0 AND status <> 'failed'`,
  'groups count their queued, leased and waiting jobs': `SELECT g.id FROM groups g WHERE (g.queued, g.leased, g.waiting) <>
     (SELECT coalesce(sum(status = 'queued' AND priority > 0), 0), coalesce(sum(status IN ('scheduled', 'running')), 0),
       coalesce(sum(status = 'waiting'), 0) FROM jobs WHERE group_id = g.id)`,
  'groups weigh what their batches with queued jobs weigh': `SELECT g.id FROM groups g WHERE abs(g.queued_weight -
     (SELECT coalesce(sum(weight), 0) FROM batches WHERE group_id = g.id AND queued > 0)) > 0.000001`,
  'every transition has an event of its own, whose number is the rev of the job': `SELECT id FROM jobs j WHERE
     EXISTS (SELECT 1 FROM events WHERE job_seq = j.seq)
     AND rev IS NOT (SELECT max(seq) FROM events WHERE job_seq = j.seq)`,
  'no two jobs have one rev': `SELECT min(id) FROM jobs GROUP BY rev HAVING count(*) > 1`,
  'a run that has failed often enough starts nothing more': `SELECT j.id FROM runs r JOIN jobs j ON j.run_id = r.id
     WHERE r.failed >= r.settings ->> 'max_failures' AND j.status IN ('waiting', 'queued', 'scheduled')`,
  'only a run that has failed often enough is stopped': `SELECT r.id FROM runs r JOIN jobs j ON j.run_id = r.id
     WHERE j.outcome = 'max_failures' AND (r.failed >= r.settings ->> 'max_failures') IS NOT 1`,
  'orgs count their open runs': `SELECT o.id FROM orgs o WHERE o.active_runs <>
     (SELECT count(*) FROM runs WHERE org_id = o.id AND finished_at IS NULL AND hunt_times IS NULL)`,
  'retries stay within their budgets': `SELECT id FROM jobs WHERE crashes > 3 OR failures > max_retries + 1
     OR test_failures > retry_failed_tests + 1`,
  'one key makes one run': `SELECT idempotency_key FROM runs WHERE idempotency_key IS NOT NULL
     GROUP BY org_id, idempotency_key HAVING count(*) > 1`,
  'nobody waits for an event of the past': `SELECT id FROM jobs WHERE rev > (SELECT max(seq) FROM events)`,
};

/** Throws with the first invariant that does not hold. */
export async function checkInvariants(model: Model): Promise<void> {
  // Read together: from a server by one round trip.
  await Promise.all([
    ...Object.entries(rules).map(async ([sentence, sql]) => {
      const rows = await model.deps.sql.read(sql);
      if (rows.length > 0) throw new Error(`broken: ${sentence} (${JSON.stringify(rows[0])})`);
    }),
    ...[checkFinalRows, checkVerdicts, checkResults, checkCancelled, checkAcknowledged].map((check) =>
      check(model),
    ),
  ]);
}

async function checkFinalRows({ deps, finals }: Model): Promise<void> {
  const rows = await deps.sql.read('SELECT * FROM jobs WHERE finalized_at IS NOT NULL');
  for (const row of rows) {
    const now = JSON.stringify(row);
    const before = finals.get(String(row.id));
    if (before !== undefined && before !== now) throw new Error(`broken: final rows never change (${now})`);
    finals.set(String(row.id), now);
  }
  if (finals.size > rows.length) throw new Error('broken: final rows never change (one is open again)');
}

async function checkVerdicts({ deps, verdicts }: Model): Promise<void> {
  const rows = await deps.sql.read(
    'SELECT job_id, attempt, lease_id, verdict, error_class FROM attempts WHERE verdict IS NOT NULL',
  );
  for (const row of rows) {
    const key = `${row.job_id} ${row.attempt}`;
    const said = `${row.lease_id} ${row.verdict} ${row.error_class}`;
    if ((verdicts.get(key) ?? said) !== said)
      throw new Error(`broken: one accepted verdict per attempt (${key})`);
    verdicts.set(key, said);
  }
}

async function checkCancelled({ deps, cancelled }: Model): Promise<void> {
  const rows = await deps.sql.read(
    `SELECT id, status FROM jobs WHERE id IN (SELECT value FROM json_each(?)) AND status IN ('waiting', 'queued', 'scheduled')`,
    [JSON.stringify([...cancelled])],
  );
  if (rows[0]) throw new Error(`broken: a cancelled job is never queued again (${JSON.stringify(rows[0])})`);
}

async function checkAcknowledged({ deps, jobs }: Model): Promise<void> {
  const [row] = await deps.sql.read('SELECT count(*) AS n FROM jobs');
  if (Number(row?.n) < jobs.length) throw new Error('broken: an acknowledged submit is on disk');
  const last = jobs.at(-1);
  if (!last) return;
  const stranger = { orgId: last.orgId === 'acme' ? 'other' : 'acme' };
  const seen = await readJob(deps, last.id, stranger).catch((error: { code?: string }) => error.code);
  if (seen !== 'not_found') throw new Error('broken: no row of one org is seen with the token of another');
}
