import { oneLine } from '../../protocol/clean-text.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { atSecond, type Column, jobColumn, subjectColumns, tableOf } from '../output/job-table.ts';
import { cut } from '../output/table.ts';
import { showView } from '../watch/show-view.ts';
import type { WatchFlags } from '../watch/watch-flags.ts';

export interface ListFlags extends ConnectionFlags, WatchFlags {
  readonly orgId?: string;
  readonly limit: number;
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

/** Shows the newest dead letters as a table, or as an array of Jobs. Resolves to the exit code. */
export const listDeadLetters = (flags: ListFlags): Promise<number> =>
  showView(connect(flags), flags, async (client) => {
    const query = { limit: flags.limit, org_id: flags.orgId };
    const { jobs, next_cursor: next } = await client.call('listDeadLetters', { query });
    const more = next === null ? '' : `only the newest ${jobs.length} are shown, see --limit; `;
    const hint = `${more}\`qgjob dead-letters show <job>\` tells more of one, \`retry <job>\` takes it up again`;
    return {
      json: jobs,
      lines: (width) => tableOf(columns, jobs, width),
      notes: [jobs.length === 0 ? 'no dead letters' : hint],
    };
  });
