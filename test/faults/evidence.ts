import type { Client } from '../../client/index.ts';
import type { Device } from '../../protocol/shapes/fleet.ts';
import type { Attempt, Job } from '../../protocol/shapes/job.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import type { Child } from './children.ts';
import { type ClientRecord, callMs, type Observation } from './clients.ts';
import type { JournalLine } from './suite.ts';

/** What the API answers at the end. */
export interface ApiState {
  readonly jobs: readonly Job[];
  readonly runs: readonly Run[];
  /** By job. */
  readonly attempts: Readonly<Record<string, readonly Attempt[]>>;
  /** By `job attempt`; for a log that cannot be read, the reason. */
  readonly logs: Readonly<Record<string, { readonly text: string } | { readonly refused: string }>>;
  readonly devices: readonly Device[];
}

/** All that the checker reads of a run. Plain data, so that tests can change it. */
export interface Evidence extends ApiState, ClientRecord {
  readonly observations: Readonly<Record<string, readonly Observation[]>>;
  readonly journal: readonly JournalLine[];
  /** Processes of tests that were alive when all agents had ended. */
  readonly leftovers: readonly Child[];
  /** Rules that rows of the database break. */
  readonly brokenRules: readonly string[];
  /** What went wrong during the run. */
  readonly problems: readonly string[];
}

/** Reads the state with the operator's token. */
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

/** All jobs of all orgs, with the operator's token. */
export const readAllJobs = (client: Client): Promise<Job[]> =>
  readPages(async (cursor) => {
    const page = await client.call('listJobs', { query: { limit: 500, cursor }, timeoutMs: callMs });
    return { rows: page.jobs, next: page.next_cursor };
  });

const readAllRuns = (client: Client): Promise<Run[]> =>
  readPages(async (cursor) => {
    const page = await client.call('listRuns', { query: { limit: 500, cursor } });
    return { rows: page.runs, next: page.next_cursor };
  });

async function readPages<T>(
  readPage: (cursor?: string) => Promise<{ rows: readonly T[]; next: string | null }>,
): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await readPage(cursor);
    rows.push(...page.rows);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return rows;
}
