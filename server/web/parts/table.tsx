import type { Child } from 'hono/jsx';
import { Empty } from './empty.tsx';

export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => Child;
  /** `num`: figures, to the right. `main`: what the row is about: on a phone it stands above the rest. */
  readonly kind?: 'num' | 'main';
}

interface TableProps<Row> {
  /** Said to who does not see the table. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** An id of the row for the page: the script finds it again by it. */
  readonly idOf?: (row: Row) => string;
  /** Where there are no rows. */
  readonly empty: Child;
}

/** A table; on a phone each row is a card. */
export function Table<Row>({ caption, columns, rows, idOf, empty }: TableProps<Row>) {
  if (rows.length === 0) return <Empty>{empty}</Empty>;
  return (
    <div class="table">
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ name, kind }) => (
              <th scope="col" class={kind ?? ''}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr {...(idOf && { id: idOf(row) })}>
              {columns.map(({ name, cell, kind }) => (
                <td class={kind ?? ''} data-name={name}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
