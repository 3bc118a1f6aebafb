import { runStatuses } from '../../../protocol/states.ts';
import { listRuns } from '../../queue/runs/index.ts';
import type { Page } from '../page.ts';
import { Card } from '../parts/card.tsx';
import { Filters } from '../parts/filters.tsx';
import { Pager } from '../parts/pager.tsx';
import { RunTable } from '../parts/run-table.tsx';
import { readChoice, readCursor } from '../read-query.ts';

/** All runs, newest first. */
export const runsPage: Page = {
  path: '/runs',
  scope: 'read',
  async show({ queue }, call) {
    const status = readChoice(call, 'status', runStatuses);
    const cursor = readCursor(call, /^run_[0-9a-f]{32}$/);
    const { runs, next_cursor: next } = await listRuns(queue, { status, cursor }, call.viewer);
    return {
      title: 'Runs',
      section: 'runs',
      live: {},
      body: (
        <>
          <div class="page-head">
            <h1>Runs</h1>
            <Filters to="/runs" name="status" chosen={status} choices={runStatuses} all="all" />
          </div>
          <Card title={status === undefined ? 'All runs' : `Runs that are ${status}`} id="runs">
            <RunTable runs={runs} />
            <Pager to="/runs" query={{ status }} cursor={cursor} next={next} />
          </Card>
        </>
      ),
    };
  },
};
