import { DatabaseSync } from 'node:sqlite';
import type { Client } from '../../client/index.ts';
import type { Device } from '../../protocol/shapes/fleet.ts';
import type { Attempt, Job } from '../../protocol/shapes/job.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import { rules } from '../model/invariants.ts';
import type { Child } from './children.ts';
import type { ClientRecord } from './clients.ts';
import { readAllJobs } from './read-jobs.ts';
import type { Observation } from './sightings.ts';
import type { JournalLine } from './suite.ts';

/** What the public API says in the end. */
export interface ApiState {
  readonly jobs: readonly Job[];
  readonly runs: readonly Run[];
  /** By job. */
  readonly attempts: Readonly<Record<string, readonly Attempt[]>>;
  /** By `job attempt`; what could not be read says why. */
  readonly logs: Readonly<Record<string, { readonly text: string } | { readonly refused: string }>>;
  readonly devices: readonly Device[];
}

/** All that a verdict on a run of the faults goes by. Plain data: it can be doctored. */
export interface Evidence extends ApiState, ClientRecord {
  readonly observations: Readonly<Record<string, readonly Observation[]>>;
  readonly journal: readonly JournalLine[];
  /** Children of tests that were alive when all agents had ended. */
  readonly leftovers: readonly Child[];
  /** Sentences that the database's rows break. */
  readonly brokenRules: readonly string[];
  /** What went wrong while it ran. */
  readonly problems: readonly string[];
}

/** Reads it all, by the operator's token. */
export async function readApiState(client: Client): Promise<ApiState> {
  const jobs = await readAllJobs(client);
  const attempts: Record<string, readonly Attempt[]> = {};
  const logs: Record<string, { text: string } | { refused: string }> = {};
  for (const { job_id: id } of jobs) {
    const answer = await client.call('listAttempts', { params: { id } });
    attempts[id] = answer.attempts;
    for (const { attempt } of answer.attempts) logs[`${id} ${attempt}`] = await readLog(client, id, attempt);
  }
  const { devices } = await client.call('listDevices', { query: { limit: 500 } });
  return { jobs, runs: await readAllRuns(client), attempts, logs, devices };
}

async function readLog(client: Client, id: string, attempt: number) {
  try {
    const bytes = await client.call('readLogs', { params: { id }, query: { attempt } });
    return { text: new TextDecoder().decode(bytes) };
  } catch (error) {
    return { refused: (error as Error).message };
  }
}

async function readAllRuns(client: Client): Promise<Run[]> {
  const runs: Run[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.call('listRuns', { query: { limit: 500, cursor } });
    runs.push(...page.runs);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return runs;
}

/** What of the promises the rows do not keep; for a database that nobody has open. */
export function readBrokenRules(file: string): string[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const damage = database.prepare('PRAGMA integrity_check').get()?.integrity_check;
    const offenders = Object.entries({ ...rules, ...endRules }).flatMap(([sentence, sql]) => {
      const row = database.prepare(sql).get();
      return row === undefined ? [] : [`${sentence} (${JSON.stringify(row)})`];
    });
    return damage === 'ok' ? offenders : [`the file is whole (${damage})`, ...offenders];
  } finally {
    database.close();
  }
}

/** These hold when nothing is under way. */
const endRules: Record<string, string> = {
  'no lease lives on': `SELECT id FROM leases WHERE state = 'active'`,
  'every attempt has its verdict': 'SELECT job_id, attempt FROM attempts WHERE verdict IS NULL',
  'no attempt takes less than no time': `SELECT job_id, attempt FROM attempts
     WHERE duration_ms < 0 OR finished_at < started_at`,
};
