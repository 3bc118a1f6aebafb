import type { AuditEntry } from '../../../../protocol/shapes/audit.ts';
import { Link } from '../../parts/link.tsx';
import { plain, shortId } from '../../parts/plain.ts';
import { type Column, Table } from '../../parts/table.tsx';
import { Ago } from '../../parts/time.tsx';

interface AuditTableProps {
  readonly entries: readonly AuditEntry[];
  /** Of all orgs: which one each line is of. */
  readonly isOfAll: boolean;
}

export const AuditTable = ({ entries, isOfAll }: AuditTableProps) => (
  <Table
    caption="Audit log"
    columns={isOfAll ? [...columns, org] : columns}
    rows={entries}
    empty="Nothing that fits was written down."
  />
);

const columns: readonly Column<AuditEntry>[] = [
  { name: 'Done', kind: 'main', cell: ({ action }) => <span class="strong">{plain(action, 80)}</span> },
  { name: 'When', cell: ({ at }) => <Ago at={at} /> },
  { name: 'By', cell: (entry) => <Who entry={entry} /> },
  { name: 'To', cell: (entry) => <Target entry={entry} /> },
  {
    name: 'From',
    cell: ({ address }) =>
      address === '' ? <span class="faint">–</span> : <span class="mono">{plain(address, 80)}</span>,
  },
  { name: 'Facts', cell: ({ detail }) => <Facts detail={detail} /> },
];

const org: Column<AuditEntry> = {
  name: 'Org',
  cell: ({ org_id: id }) => (id === null ? <span class="faint">the server</span> : plain(id, 128)),
};

interface EntryProps {
  readonly entry: AuditEntry;
}

function Who({ entry: { actor_name: name, actor_kind: kind, token_id: id } }: EntryProps) {
  return (
    <span>
      {name === '' ? kind : plain(name, 80)}
      {name !== '' && <span class="faint"> {kind}</span>}
      {id !== '' && (
        <Link to="/audit" query={{ token: id }} class="faint mono" title={plain(id, 100)}>
          {' '}
          {plain(id.slice(-8), 8)}
        </Link>
      )}
    </span>
  );
}

function Target({ entry: { target_kind: kind, target_id: id } }: EntryProps) {
  if (id === '') return <span class="faint">–</span>;
  return (
    <span>
      {plain(kind, 40)}{' '}
      <Link to="/audit" query={{ target: id }} class="mono" title={plain(id, 200)}>
        {plain(shortId(id), 40)}
      </Link>
    </span>
  );
}

const Facts = ({ detail }: Pick<AuditEntry, 'detail'>) => (
  <span class="faint">
    {plain(
      Object.entries(detail)
        .map(([name, value]) => `${name}: ${wordOf(value)}`)
        .join('; '),
    )}
  </span>
);

const wordOf = (value: unknown): string =>
  Array.isArray(value) ? value.join(', ') : typeof value === 'string' ? value : JSON.stringify(value);
