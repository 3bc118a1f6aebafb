import type { Device } from '../../../protocol/shapes/fleet.ts';
import { attemptsOfDevice, type DeviceAttempt } from '../../queue/attempts/index.ts';
import { listBorrows } from '../../queue/borrows/index.ts';
import { agentsOf, readDevice } from '../../queue/fleet/index.ts';
import { readJobRows } from '../../queue/store/rows.ts';
import { maySee } from '../../queue/store/viewer.ts';
import type { Page } from '../page.ts';
import { Card } from '../parts/card.tsx';
import { Link } from '../parts/link.tsx';
import { firstLine, plain } from '../parts/plain.ts';
import { Status } from '../parts/status.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Ago, Duration } from '../parts/time.tsx';
import { Borrowing } from './devices/borrowing.tsx';
import { AgentOf, Holds, PauseButton, WhyNot } from './devices/fleet-table.tsx';
import { FleetTabs } from './devices/tabs.tsx';

const attemptsShown = 25;

/** One device: what it does, and what it did last. */
export const devicePage: Page = {
  path: '/devices/:id',
  scope: 'read',
  async show({ queue }, call) {
    const id = call.param('id');
    const device = await readDevice(queue, id, call.owner);
    const [agents, jobs, attempts, waiting] = await Promise.all([
      agentsOf(queue, [device.agent_id]),
      readJobRows(queue, device.job_id === null ? [] : [device.job_id]),
      attemptsOfDevice(queue, id, attemptsShown, call.owner),
      listBorrows(queue, { status: 'waiting', device_id: id }, call.owner),
    ]);
    const isSwitched = call.may('admin') && maySee(call.owner, device.owner);
    return {
      title: plain(device.name, 60),
      section: 'devices',
      live: {},
      body: (
        <>
          <div class="page-head">
            <div>
              <p class="crumbs">
                <Link to="/devices">Devices</Link> ›{' '}
                <Link to="/devices" query={{ target: device.target }}>
                  {device.target}
                </Link>
              </p>
              <h1>{plain(device.name, 60)}</h1>
            </div>
            <div class="buttons">
              <FleetTabs at="device" />
              {isSwitched && <PauseButton device={device} back={`/devices/${id}`} />}
            </div>
          </div>
          <Card title="Now" id="now">
            <Now
              device={device}
              agent={agents.get(device.agent_id)}
              test={jobs.get(device.job_id ?? '')?.testPath}
            />
          </Card>
          {call.may('submit') && (
            <Card title="Borrow it" id="borrow">
              <Borrowing device={device} waiting={waiting.rows.toReversed()} />
            </Card>
          )}
          <Card title="Its last attempts" id="attempts">
            <Table
              caption="The last attempts on this device, newest first"
              columns={columns}
              rows={attempts}
              empty={<p>Nothing has run on it yet, or nothing that you may see.</p>}
            />
          </Card>
        </>
      ),
    };
  },
};

interface NowProps {
  readonly device: Device;
  readonly agent: Parameters<typeof AgentOf>[0]['agent'];
  readonly test: string | undefined;
}

const Now = ({ device, agent, test }: NowProps) => (
  <dl class="pairs">
    <dt>Status</dt>
    <dd>
      <Status of={device.status} /> <WhyNot device={device} agent={agent} />
    </dd>
    <dt>Runs</dt>
    <dd>
      {device.job_id === null ? (
        <span class="faint">{device.lease_id === null ? '–' : 'gets ready'}</span>
      ) : (
        <Link to={`/jobs/${device.job_id}`}>{plain(test ?? device.job_id)}</Link>
      )}
    </dd>
    <dt>Holds</dt>
    <dd>
      <Holds device={device} />
    </dd>
    <dt>Agent</dt>
    <dd>
      <AgentOf device={device} agent={agent} />
    </dd>
    <dt>Serves</dt>
    <dd>{device.owner === 'shared' ? 'all orgs (shared)' : `the org ${device.owner}`}</dd>
    <dt>Id</dt>
    <dd class="mono">{device.device_id}</dd>
  </dl>
);

const columns: readonly Column<DeviceAttempt>[] = [
  {
    name: 'Test',
    kind: 'main',
    cell: (row) => (
      <>
        <Link to={`/jobs/${row.job_id}`}>{plain(row.test_path)}</Link>
        {row.error !== null && row.verdict !== 'passed' && (
          <span class="faint">{plain(firstLine(row.error), 160)}</span>
        )}
      </>
    ),
  },
  { name: 'Verdict', cell: ({ verdict, error_class: why }) => <Status of={verdict} word={why ?? verdict} /> },
  { name: 'Attempt', kind: 'num', cell: ({ attempt }) => attempt },
  { name: 'Took', kind: 'num', cell: ({ duration_ms: ms }) => <Duration ms={ms} /> },
  { name: 'Ended', kind: 'num', cell: ({ finished_at: at }) => <Ago at={at} /> },
];
