import { oneLine } from '../../protocol/clean-text.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { atSecond, type Column, jobColumn, subjectColumns, tableOf } from '../output/job-table.ts';
import { print, printJson, say } from '../output/print.ts';
import { cut } from '../output/table.ts';

export interface ListFlags extends ConnectionFlags {
  readonly orgId?: string;
  readonly limit: number;
  readonly json?: true;
}

const errorWidth = 100;

const columns: readonly Column[] = [
  jobColumn,
  // An errored job's outcome says more than its status.
  { title: 'ENDED AS', of: (job) => job.outcome ?? job.status, isColoured: true },
  ...subjectColumns,
  { title: 'ENDED', of: (job) => atSecond(job.finished_at ?? ''), leaves: 1 },
  { title: 'ERROR', of: (job) => cut(oneLine(job.error ?? ''), errorWidth), isCuttable: 'first' },
];

/** Prints the newest dead letters as a table, or as an array of Jobs. */
export async function listDeadLetters(flags: ListFlags): Promise<void> {
  const query = { limit: flags.limit, org_id: flags.orgId };
  const { jobs, next_cursor: next } = await connect(flags).call('listDeadLetters', { query });
  if (flags.json) return printJson(jobs);
  if (jobs.length === 0) return say('no dead letters');
  for (const line of tableOf(columns, jobs, process.stdout.columns)) print(line);
  const more = next === null ? '' : `only the newest ${jobs.length} are shown, see --limit; `;
  say(`${more}\`qgjob dead-letters show <job>\` tells more of one, \`retry <job>\` takes it up again`);
}
