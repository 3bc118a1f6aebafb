import { DatabaseSync } from 'node:sqlite';
import { rules } from '../model/invariants.ts';

/** Each statement finds rows that break the sentence before it. */
export type Rules = Readonly<Record<string, string>>;

/** Rules that hold when nothing runs any more. */
const endRules: Rules = {
  'no lease lives on': `SELECT id FROM leases WHERE state = 'active'`,
  'every attempt has its verdict': 'SELECT job_id, attempt FROM attempts WHERE verdict IS NULL',
  'no attempt takes less than no time': `SELECT job_id, attempt FROM attempts
     WHERE duration_ms < 0 OR finished_at < started_at`,
};

/** What holds of the rows at any time, and what holds at the end too. */
export const rulesAtAnyTime: Rules = rules;
export const rulesAtTheEnd: Rules = { ...rules, ...endRules };

/** The rules that rows of the database break. No process may have the database open. */
export function readBrokenRules(file: string, checked: Rules = rulesAtTheEnd): string[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const damage = database.prepare('PRAGMA integrity_check').get()?.integrity_check;
    const offenders = Object.entries(checked).flatMap(([sentence, sql]) => {
      const row = database.prepare(sql).get();
      return row === undefined ? [] : [`${sentence} (${JSON.stringify(row)})`];
    });
    return damage === 'ok' ? offenders : [`the file is whole (${damage})`, ...offenders];
  } finally {
    database.close();
  }
}
