import type { Query } from '../frame/view.ts';
import { Link } from './link.tsx';

interface PagerProps {
  /** The page itself, below /ui. */
  readonly to: string;
  readonly query?: Query;
  /** The cursor of this page; undefined: it is the first. */
  readonly cursor: string | undefined;
  /** That of the next one; null: this is the last. */
  readonly next: string | null;
}

/** Leads through a list by cursors. Nothing where the list has one page. */
export function Pager({ to, query = {}, cursor, next }: PagerProps) {
  if (cursor === undefined && next === null) return null;
  return (
    <nav class="pager" aria-label="Pages of this list">
      {cursor !== undefined && (
        <Link to={to} query={query}>
          ‹ First page
        </Link>
      )}
      {next !== null && (
        <Link to={to} query={{ ...query, cursor: next }}>
          Next page ›
        </Link>
      )}
    </nav>
  );
}
