import type { Group } from '../../../../protocol/shapes/fleet.ts';
import type { TargetDepth } from '../../../queue/figures/index.ts';
import { useView } from '../../frame/view.ts';
import { plain } from '../../parts/plain.ts';
import { type Column, Table } from '../../parts/table.tsx';
import { Ago } from '../../parts/time.tsx';

interface QueueTableProps {
  readonly groups: readonly Group[];
  readonly depths: readonly TargetDepth[];
  /** There are more groups than these. */
  readonly isMore: boolean;
}

/** The queue by groups: what shares an install, and which devices have it. */
export function QueueTable({ groups, depths, isMore }: QueueTableProps) {
  const { session, orgId } = useView();
  const seesAll = session?.principal.isOperator && orgId === undefined;
  const delayed = depths.reduce((sum, { waiting }) => sum + waiting, 0);
  return (
    <>
      <Table
        caption="Groups with queued or running jobs"
        columns={columnsOf(seesAll === true)}
        rows={groups.toSorted((a, b) => b.queued - a.queued)}
        idOf={(group) =>
          `group-${group.org_id}-${group.app_version_id}-${group.target}`.replace(/[^\w-]/g, '_')
        }
        empty={delayed > 0 ? `${delayed} jobs wait for their time; none is queued.` : 'Nothing is queued.'}
      />
      {isMore && <p class="more">There are more groups than these {groups.length}.</p>}
    </>
  );
}

const columnsOf = (seesAll: boolean): Column<Group>[] => [
  {
    name: 'App and target',
    kind: 'main',
    cell: (group) => (
      <>
        <span class="mono">{plain(group.app_version_id, 40)}</span>
        <span class="faint">
          {plain(group.target)}
          {seesAll && ` · ${group.org_id}`}
        </span>
      </>
    ),
  },
  { name: 'Queued', kind: 'num', cell: (group) => group.queued },
  { name: 'On devices', kind: 'num', cell: (group) => group.running },
  { name: 'Installed on', kind: 'num', cell: (group) => group.devices.length },
  { name: 'Oldest', kind: 'num', cell: (group) => <Ago at={group.oldest_submitted_at} /> },
];
