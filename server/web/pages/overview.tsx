import { readDepths, readFigures, readSeries, type TargetDepth } from '../../queue/figures/index.ts';
import { listDevices, listGroups } from '../../queue/fleet/index.ts';
import { listRuns } from '../../queue/runs/index.ts';
import { readJobRows } from '../../queue/store/rows.ts';
import type { Page, PageCall, WebDeps } from '../page.ts';
import { Card } from '../parts/card.tsx';
import { DeviceTable } from '../parts/device-table.tsx';
import { Link } from '../parts/link.tsx';
import { RunTable } from '../parts/run-table.tsx';
import { Charts } from './overview/charts.tsx';
import { Head } from './overview/head.tsx';
import { QueueTable } from './overview/queue-table.tsx';

const runsShown = 15;
const groupsShown = 20;
const devicesShown = 30;

/** What is going on: the queue, the devices, what was done, the last runs. */
export const overviewPage: Page = {
  path: '/',
  scope: 'read',
  async show(deps, call) {
    const { depths, figures, series, groups, devices, jobs, runs } = await read(deps, call);
    return {
      title: 'Overview',
      section: 'overview',
      live: {},
      body: (
        <>
          <h1 class="unseen">Overview</h1>
          <Head depths={depths} figures={figures} />
          <div class="columns">
            <Card title="Queue" id="queue">
              <QueueTable groups={groups.rows} depths={depths} isMore={groups.nextCursor !== null} />
            </Card>
            <Card title="Devices" id="devices" aside={<Link to="/devices">All devices</Link>}>
              <DeviceTable devices={devices.rows} jobs={jobs} />
            </Card>
          </div>
          <Charts series={series} figures={figures} />
          <Card title="Last runs" id="runs" aside={<Link to="/runs">All runs</Link>}>
            <RunTable runs={runs} />
          </Card>
        </>
      ),
    };
  },
};

/** Every read of it is bounded; the queue is read from counters. */
async function read({ queue }: WebDeps, { viewer }: PageCall) {
  const orgId = viewer.orgId ?? null;
  const devices = await listDevices(queue, { limit: devicesShown }, viewer);
  const depths: readonly TargetDepth[] = await readDepths(queue, orgId);
  const ids = devices.rows.flatMap(({ job_id: id }) => (id === null ? [] : [id]));
  return {
    ...{ depths, devices },
    // How far devices are in use stands on their own page.
    figures: await readFigures(queue, orgId, '24h', {}),
    series: await readSeries(queue, orgId, '24h'),
    groups: await listGroups(queue, { limit: groupsShown }, viewer),
    jobs: await readJobRows(queue, ids),
    runs: (await listRuns(queue, { limit: runsShown }, viewer)).runs,
  };
}
