import type { Agent, Device } from '../../../../protocol/shapes/fleet.ts';
import { pathOf, type Query, useView } from '../../frame/view.ts';
import { Link } from '../../parts/link.tsx';
import { plain } from '../../parts/plain.ts';
import { ActionButton } from '../../parts/post-form.tsx';
import { Status } from '../../parts/status.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Ago } from '../../parts/time.tsx';

export interface DeviceRow {
  readonly device: Device;
  readonly agent: Agent | undefined;
  /** The path of the test that runs on it. */
  readonly test: string | undefined;
  /** Whether who looks may pause and resume it. */
  readonly isSwitched: boolean;
}

interface FleetTableProps {
  readonly rows: readonly DeviceRow[];
  /** The query of the page that a switch leads back to. */
  readonly back: Query;
}

/** Devices of one target. */
export function FleetTable({ rows, back }: FleetTableProps) {
  const { session } = useView();
  const isShared = session?.principal.isOperator || rows.some(({ device }) => device.owner === 'shared');
  const isSwitched = rows.some((row) => row.isSwitched);
  return (
    <Table
      caption={`Devices of ${rows[0]?.device.target}`}
      columns={[
        ...columns,
        ...(isShared ? [owner] : []),
        ...(isSwitched ? [switches(pathOf('/devices', back))] : []),
      ]}
      rows={rows}
      idOf={({ device }) => `row-${device.device_id}`}
      empty="No device"
    />
  );
}

const columns: readonly Column<DeviceRow>[] = [
  {
    name: 'Device',
    kind: 'main',
    cell: ({ device, agent }) => (
      <>
        <Link to={`/devices/${device.device_id}`} class="strong">
          {plain(device.name, 60)}
        </Link>
        <WhyNot device={device} agent={agent} />
      </>
    ),
  },
  { name: 'Status', cell: ({ device }) => <Status of={device.status} /> },
  { name: 'Runs', cell: (row) => <Runs {...row} /> },
  { name: 'Holds', cell: ({ device }) => <Holds device={device} /> },
  { name: 'Agent', cell: ({ device, agent }) => <AgentOf device={device} agent={agent} /> },
];

const owner: Column<DeviceRow> = { name: 'Owner', cell: ({ device }) => device.owner };

const switches = (back: string): Column<DeviceRow> => ({
  name: 'Switch',
  cell: ({ device, isSwitched }) => isSwitched && <PauseButton device={device} back={back} />,
});

/** The switch of a device. `back`: the page to go on with. */
export const PauseButton = ({ device, back }: { readonly device: Device; readonly back: string }) =>
  isStopped(device) ? (
    <ActionButton action={`/devices/${device.device_id}/resume`} fields={{ back }}>
      Resume<span class="unseen"> {plain(device.name, 60)}</span>
    </ActionButton>
  ) : (
    <ActionButton action={`/devices/${device.device_id}/pause`} fields={{ back }}>
      Pause<span class="unseen"> {plain(device.name, 60)}</span>
    </ActionButton>
  );

/** To resume one that is benched ends what it is blamed for. */
const isStopped = ({ status }: Device): boolean => status === 'paused' || status === 'benched';

/** What it runs, as a link. */
function Runs({ device, test }: DeviceRow) {
  if (device.job_id === null)
    return <span class="faint">{device.lease_id === null ? '–' : 'gets ready'}</span>;
  return (
    <Link to={`/jobs/${device.job_id}`} class="path">
      {plain(test ?? device.job_id, 80)}
    </Link>
  );
}

export const Holds = ({ device }: { readonly device: Device }) =>
  device.installed ? (
    <span class="mono">{plain(device.installed.app_version_id, 32)}</span>
  ) : (
    <span class="faint">–</span>
  );

interface AgentOfProps {
  readonly device: Device;
  readonly agent: Agent | undefined;
}

/** Its agent, with its version, and how it is where that is not well. */
export function AgentOf({ device, agent }: AgentOfProps) {
  if (!agent) return <span class="faint mono">{device.agent_id}</span>;
  return (
    <span>
      <Link to="/agents" at={`row-${agent.agent_id}`}>
        {plain(agent.name, 40)}
      </Link>{' '}
      {agent.status === 'online' ? (
        <span class="faint">{plain(agent.version, 20)}</span>
      ) : (
        <Status of={agent.status} />
      )}
      {agent.status === 'offline' && (
        <span class="faint">
          {' '}
          heard <Ago at={agent.last_seen_at} />
        </span>
      )}
    </span>
  );
}

/** Why a device gets no job, in words. */
export function WhyNot({ device, agent }: AgentOfProps) {
  if (device.status === 'borrowed') return <BorrowedBy device={device} />;
  const why = reasonOf(device, agent);
  return why === undefined ? null : <span class="faint">{plain(why)}</span>;
}

const BorrowedBy = ({ device }: { readonly device: Device }) => (
  <span class="faint">
    {plain(device.borrowed_by ?? 'Somebody', 80)} has it; it comes back <Ago at={device.borrowed_until} />
    {device.borrow_note !== null && <>: {plain(device.borrow_note)}</>}
  </span>
);

function reasonOf({ status, status_reason: reason, lease_id: lease }: Device, agent: Agent | undefined) {
  if (status === 'paused')
    return lease === null
      ? 'Somebody paused it: it gets no job until it is resumed.'
      : 'Somebody paused it: what runs goes on, and then it gets no job.';
  if (status === 'benched') return reason ?? 'It failed again and again.';
  if (status === 'offline') return 'Its agent is not heard, or does not offer it any more.';
  return agent?.drain ? 'Its agent is draining: it gets no job.' : undefined;
}
