import type { Query } from '../frame/view.ts';
import { Link } from './link.tsx';

interface FiltersProps {
  /** The page itself, below /ui. */
  readonly to: string;
  /** The name of the choice in the query. */
  readonly name: string;
  readonly chosen: string | undefined;
  readonly choices: readonly string[];
  /** The word for no choice; absent: one is always chosen. */
  readonly all?: string;
  /** The rest of the query, which stays. */
  readonly query?: Query;
  /** How many there are of a choice. */
  readonly countOf?: (choice: string) => number | undefined;
}

/** A choice of one of few, as links. */
export function Filters({ to, name, chosen, choices, all, query = {}, countOf }: FiltersProps) {
  const link = (choice: string | undefined, word: string) => (
    <Link
      to={to}
      query={{ ...query, [name]: choice }}
      class="choice"
      {...(choice === chosen && { 'aria-current': 'page' })}
    >
      {word}
      {choice !== undefined && countOf?.(choice) !== undefined && (
        <span class="faint"> {countOf(choice)}</span>
      )}
    </Link>
  );
  return (
    <nav class="choices" aria-label={`Filter by ${name}`}>
      {all !== undefined && link(undefined, all)}
      {choices.map((choice) => link(choice, choice))}
    </nav>
  );
}
