import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../sources.ts';

/** A CHECK of the database. */
export interface Check {
  readonly name: string;
  readonly sql: string;
}

const folder = join(projectRoot, 'drizzle');
const tables = ['attempts', 'jobs', 'leases', 'runs'];

/** All CHECKs that the migrations define for the tables of the page; of several with one name the last counts. */
export function readChecks(): Check[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  const sql = files
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
  const checks = [...sql.matchAll(/CREATE TABLE `(?:__new_)?(\w+)` \(([\s\S]*?)\n\) STRICT/g)]
    .filter(([, table = '']) => tables.includes(table))
    .flatMap(([, , body = '']) =>
      [...body.matchAll(/CONSTRAINT "(\w+)" CHECK\((.*)\),?$/gm)].map(([, name = '', rule = '']) => ({
        name,
        sql: rule,
      })),
    );
  const byName = new Map(checks.map((check) => [check.name, check]));
  return [...byName.values()].sort((a, b) => tables.indexOf(tableOf(a)) - tables.indexOf(tableOf(b)));
}

const tableOf = ({ name }: Check): string => name.split('_')[0] ?? '';

/** The states in a CHECK of the jobs like `(x IS NOT NULL) = (status IN (…))`. */
export function statesOfCheck(name: string): string[] {
  const check = readChecks().find((one) => one.name === name);
  const [, states = ''] = /status (?:IN \()?(?:= )?('.*?')\)/.exec(check?.sql ?? '') ?? [];
  return [...states.matchAll(/\w+/g)].map(([state]) => state);
}

/** What each CHECK ensures, and a statement that breaks it on the row of a finished job, its run or its lease. */
export const checkSentences: Readonly<Record<string, { readonly keeps: string; readonly broken: string }>> = {
  attempts_verdict: { keeps: 'A verdict is one of four', broken: `UPDATE attempts SET verdict = 'maybe'` },
  attempts_class: {
    keeps: 'An error class is one of the table above',
    broken: `UPDATE attempts SET error_class = 'bad luck'`,
  },
  attempts_finished: {
    keeps: 'An attempt has ended exactly when it has a verdict',
    broken: 'UPDATE attempts SET finished_at = NULL',
  },
  leases_state: { keeps: 'A lease is active, ended or expired', broken: `UPDATE leases SET state = 'sold'` },
  leases_ended: {
    keeps: 'A lease has an end exactly when it is not active',
    broken: `UPDATE leases SET ended_at = NULL`,
  },
  jobs_status: { keeps: 'A job is in one of the states above', broken: `UPDATE jobs SET status = 'lost'` },
  jobs_outcome: { keeps: 'An outcome is one of those above', broken: `UPDATE jobs SET outcome = 'fine'` },
  jobs_wait_reason: {
    keeps: 'A wait has one of the reasons above',
    broken: `UPDATE jobs SET status = 'waiting', run_at = 1, wait_reason = 'rain', outcome = NULL, finalized_at = NULL`,
  },
  jobs_leased: {
    keeps: 'A job has a lease exactly while it is scheduled or running',
    broken: `UPDATE jobs SET lease_id = 'lease-of-nobody'`,
  },
  jobs_finalized: {
    keeps: 'A job has an end exactly when it is final',
    broken: 'UPDATE jobs SET finalized_at = NULL, outcome = NULL',
  },
  jobs_waiting: {
    keeps: 'A job has a time to wait until exactly while it waits',
    broken: 'UPDATE jobs SET run_at = 1',
  },
  jobs_waiting_why: {
    keeps: 'A job has a reason to wait exactly while it waits',
    broken: `UPDATE jobs SET wait_reason = 'delay'`,
  },
  jobs_judged: {
    keeps: 'A job has an outcome exactly when it is final',
    broken: 'UPDATE jobs SET outcome = NULL',
  },
  runs_status: { keeps: 'A run has one of its six statuses', broken: `UPDATE runs SET status = 'lost'` },
  runs_conclusion: { keeps: 'A conclusion is one of four', broken: `UPDATE runs SET conclusion = 'fine'` },
  runs_reason: { keeps: 'A reason is one of those below', broken: `UPDATE runs SET reason = 'bad luck'` },
  runs_final: {
    keeps: 'A run has an end exactly when its status is final',
    broken: `UPDATE runs SET status = 'running'`,
  },
  runs_concluded: {
    keeps: 'A run has a conclusion exactly when it is final',
    broken: 'UPDATE runs SET conclusion = NULL',
  },
  runs_counts: { keeps: 'No count is below 0', broken: 'UPDATE runs SET passed = -1' },
};
