import { listRuns, readStats } from '../../queue/runs/index.ts';
import type { Page } from '../page.ts';
import { Card, Figure } from '../parts/card.tsx';
import { RunTable } from '../parts/run-table.tsx';

const runsShown = 15;

/** What is going on: the queue, the devices, the last runs. */
export const overviewPage: Page = {
  path: '/',
  scope: 'read',
  async show({ queue }, { viewer }) {
    const stats = await readStats(queue, viewer);
    const { runs } = await listRuns(queue, { limit: runsShown }, viewer);
    return {
      title: 'Overview',
      section: 'overview',
      live: {},
      body: (
        <>
          <h1>Overview</h1>
          <div class="figures" id="figures" data-live="">
            <Figure name="Active runs">{stats.runs_active}</Figure>
            <Figure name="Queued">{stats.jobs.queued}</Figure>
            <Figure name="Running">{stats.jobs.running}</Figure>
            <Figure name="Agents online">{stats.agents_online}</Figure>
          </div>
          <Card title="Last runs" id="runs">
            <RunTable runs={runs} />
          </Card>
        </>
      ),
    };
  },
};
