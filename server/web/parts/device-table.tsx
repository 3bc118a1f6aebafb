import type { Device } from '../../../protocol/shapes/fleet.ts';
import type { JobRow } from '../../queue/store/rows.ts';
import { Link } from './link.tsx';
import { plain } from './plain.ts';
import { Status } from './status.tsx';
import { Table } from './table.tsx';

interface DeviceTableProps {
  readonly devices: readonly Device[];
  /** What runs on them, by the id of the job. */
  readonly jobs: ReadonlyMap<string, JobRow>;
}

/** Devices: how they are, what they run and what they hold. */
export const DeviceTable = ({ devices, jobs }: DeviceTableProps) => (
  <Table
    caption="Devices"
    rows={devices}
    idOf={(device) => `row-${device.device_id}`}
    columns={[
      {
        name: 'Device',
        kind: 'main',
        cell: (device) => (
          <>
            <span class="strong">{plain(device.name)}</span>
            <span class="faint">{plain(device.target)}</span>
          </>
        ),
      },
      { name: 'Status', cell: (device) => <Status of={device.status} /> },
      {
        name: 'Runs',
        cell: (device) => <Running job={device.job_id === null ? undefined : jobs.get(device.job_id)} />,
      },
      {
        name: 'Holds',
        cell: ({ installed }) =>
          installed ? (
            <span class="mono">{plain(installed.app_version_id, 24)}</span>
          ) : (
            <span class="faint">–</span>
          ),
      },
    ]}
    empty={
      <>
        <p>No device yet.</p>
        <p class="hint">
          Start an agent on a host with devices: <code>qgjob init agent</code>, then <code>qgjob agent</code>
        </p>
      </>
    }
  />
);

const Running = ({ job }: { readonly job: JobRow | undefined }) =>
  job ? <Link to={`/jobs/${job.id}`}>{plain(job.testPath, 60)}</Link> : <span class="faint">–</span>;
