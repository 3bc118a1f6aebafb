import type { RouteName } from '../../protocol/routes.ts';
import { type Answer, page } from './answers.ts';
import type { Call } from './read-call.ts';

export interface FilterOptions {
  /** How many calls it answers; default 1. */
  readonly times?: number;
  /** Which calls; default all. */
  readonly when?: (call: Call) => boolean;
}

/** What stands between: it answers calls in the server's place, by pages of its own. */
export class Filters {
  readonly #filters = new Map<RouteName, { status: number; left: number; when: (call: Call) => boolean }>();

  set(name: RouteName, status: number, { times = 1, when = () => true }: FilterOptions): void {
    this.#filters.set(name, { status, left: times, when });
  }

  answer(call: Call): Answer | undefined {
    const filter = this.#filters.get(call.name);
    if (!filter || filter.left === 0 || !filter.when(call)) return undefined;
    filter.left -= 1;
    return page(filter.status);
  }
}
