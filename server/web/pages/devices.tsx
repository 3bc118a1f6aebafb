import type { Figures } from '../../../protocol/shapes/figures.ts';
import type { Device } from '../../../protocol/shapes/fleet.ts';
import { deviceStatuses } from '../../../protocol/states.ts';
import { isTarget } from '../../../protocol/targets.ts';
import { readFigures } from '../../queue/figures/index.ts';
import { agentsOf, countDevices, type DeviceCount, listDevices } from '../../queue/fleet/index.ts';
import { readJobRows } from '../../queue/store/rows.ts';
import type { Page } from '../page.ts';
import { Card } from '../parts/card.tsx';
import { Empty } from '../parts/empty.tsx';
import { Filters } from '../parts/filters.tsx';
import { Pager } from '../parts/pager.tsx';
import { formatShare } from '../parts/share.ts';
import { Duration } from '../parts/time.tsx';
import { readChoice, readCursor } from '../read-query.ts';
import { type DeviceRow, FleetTable } from './devices/fleet-table.tsx';
import { FleetTabs } from './devices/tabs.tsx';

const devicesShown = 100;

/** The devices by target: what each one does, what it holds, and why it does nothing. */
export const devicesPage: Page = {
  path: '/devices',
  scope: 'read',
  async show({ queue }, call) {
    const status = readChoice(call, 'status', deviceStatuses);
    const given = call.query('target');
    const target = given !== undefined && isTarget(given) ? given : undefined;
    const cursor = readCursor(call, /^dev_[0-9a-f]{32}$/);
    const [counts, { rows: devices, nextCursor }] = await Promise.all([
      countDevices(queue, call.viewer),
      listDevices(queue, { status, target, cursor, limit: devicesShown }, call.viewer),
    ]);
    const [agents, jobs, figures] = await Promise.all([
      agentsOf(
        queue,
        devices.map(({ agent_id: id }) => id),
      ),
      readJobRows(
        queue,
        devices.flatMap(({ job_id: id }) => id ?? []),
      ),
      readFigures(queue, call.viewer.orgId ?? null, '24h', onlineOf(counts)),
    ]);
    const rows = devices.map(
      (device): DeviceRow => ({
        device,
        agent: agents.get(device.agent_id),
        test: jobs.get(device.job_id ?? '')?.testPath,
        isSwitched: call.may('admin') && mayOwn(device, call.viewer.orgId, call.principal.isOperator),
      }),
    );
    const targets = [...new Set(counts.map((count) => count.target))];
    const query = { status, target };
    return {
      title: 'Devices',
      section: 'devices',
      live: {},
      body: (
        <>
          <div class="page-head">
            <h1>Devices</h1>
            <FleetTabs at="devices" />
          </div>
          <div id="devices" data-live="">
            {counts.length === 0 ? (
              <NoDevice />
            ) : (
              <>
                <Choices {...{ counts, targets, status, target }} />
                {[...Map.groupBy(rows, (row) => row.device.target)].sort(byName).map(([name, some]) => (
                  <Card title={name} aside={<Use figures={figures} target={name} counts={counts} />}>
                    <FleetTable rows={some} back={query} />
                  </Card>
                ))}
                {rows.length === 0 && <Empty>No device is like that now.</Empty>}
                <Pager to="/devices" query={query} cursor={cursor} next={nextCursor} />
              </>
            )}
          </div>
        </>
      ),
    };
  },
};

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1);

/** Who may pause a device: the admins of the org whose it is, and the operator. */
const mayOwn = ({ owner }: Device, orgId: string | undefined, isOperator: boolean): boolean =>
  isOperator || owner === orgId;

const onlineOf = (counts: readonly DeviceCount[]): Record<string, number> => {
  const online: Record<string, number> = {};
  for (const { target, status, devices } of counts)
    if (status !== 'offline') online[target] = (online[target] ?? 0) + devices;
  return online;
};

interface ChoicesProps {
  readonly counts: readonly DeviceCount[];
  readonly targets: readonly string[];
  readonly status: string | undefined;
  readonly target: string | undefined;
}

function Choices({ counts, targets, status, target }: ChoicesProps) {
  const sum = (is: (count: DeviceCount) => boolean) =>
    counts.filter(is).reduce((all, { devices }) => all + devices, 0);
  const ofTarget = (count: DeviceCount) => target === undefined || count.target === target;
  const there = deviceStatuses.filter((one) => one === status || sum((count) => count.status === one) > 0);
  return (
    <div class="filters filters-row">
      <Filters
        to="/devices"
        name="status"
        chosen={status}
        choices={there}
        all="all"
        query={{ target }}
        countOf={(one) => sum((count) => count.status === one && ofTarget(count))}
      />
      {targets.length > 1 && (
        <Filters
          to="/devices"
          name="target"
          chosen={target}
          choices={targets}
          all="all targets"
          query={{ status }}
        />
      )}
    </div>
  );
}

interface UseProps {
  readonly figures: Figures;
  readonly target: string;
  readonly counts: readonly DeviceCount[];
}

/** What the devices of a target did in the last day. */
function Use({ figures, target, counts }: UseProps) {
  const all = counts.filter((count) => count.target === target);
  const words = all.map(({ status, devices }) => `${devices} ${status}`).join(', ');
  const day = figures.targets.find((one) => one.target === target);
  if (!day || day.jobs === 0) return <span class="faint">{words}</span>;
  return (
    <span class="faint">
      {words} · last 24 h: {day.use !== null && <span class="strong">{formatShare(day.use)} in use, </span>}
      {day.jobs} {day.jobs === 1 ? 'job' : 'jobs'}, a test takes <Duration ms={day.test.p50_ms} />
    </span>
  );
}

const NoDevice = () => (
  <section class="card">
    <Empty>
      <p>No agent has offered a device yet.</p>
      <p class="hint">
        On the host with the devices: <code>qgjob init agent</code>, then <code>qgjob agent</code>
      </p>
      <p class="hint">
        To try it without one: <code>qgjob dev</code>
      </p>
    </Empty>
  </section>
);
