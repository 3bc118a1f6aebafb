import type { AuditLine } from '../queue/store/audit-line.ts';
import { toInstant } from '../queue/store/to-wire.ts';
import type { Origin } from './actor-of.ts';

/** A call that was refused for want of a token, or of the right one. */
export interface RefusedCall extends Omit<Origin, 'isSession'> {
  /** Undefined: the token was not good. */
  readonly caller?: { readonly tokenId: string; readonly orgId: string | undefined; readonly kind: Kind };
  /** The way in, with its `:names`: never as it was called. */
  readonly route: string;
}

type Kind = AuditLine['by']['kind'];

/** Those of one caller in one minute. */
interface Group {
  readonly first: RefusedCall;
  readonly minute: number;
  count: number;
  lastRoute: string;
}

const minuteMs = 60_000;
/** So many callers get a line of their own in a minute; all others share one. */
const mostCallers = 100;

/**
 * Counts refused calls by caller and minute, so that floods of them make a bounded number of lines: one for each address and
 * token, at most 101 a minute.
 */
export class RefusedCalls {
  readonly #now: () => number;
  #groups = new Map<string, Group>();

  constructor(now: () => number) {
    this.#now = now;
  }

  note(call: RefusedCall): void {
    const minute = Math.floor(this.#now() / minuteMs) * minuteMs;
    const own = `${minute} ${call.address} ${call.caller?.tokenId ?? ''}`;
    const key = this.#groups.has(own) || this.#groups.size < mostCallers ? own : `${minute} others`;
    const group = this.#groups.get(key);
    if (group) {
      group.count += 1;
      group.lastRoute = call.route;
    } else {
      const first = key === own ? call : { address: 'others', requestId: '', route: call.route };
      this.#groups.set(key, { first, minute, count: 1, lastRoute: call.route });
    }
  }

  /** The lines of the minutes that are over, or of all; they are counted no more. */
  take({ isEnd = false } = {}): AuditLine[] {
    const over = this.#now() - minuteMs;
    const ended = [...this.#groups].filter(([, { minute }]) => isEnd || minute <= over);
    for (const [key] of ended) this.#groups.delete(key);
    return ended.map(([, group]) => toLine(group));
  }
}

const toLine = ({ first, minute, count, lastRoute }: Group): AuditLine => ({
  by: {
    kind: first.caller?.kind ?? 'stranger',
    tokenId: first.caller?.tokenId ?? '',
    address: first.address,
    requestId: first.requestId,
  },
  orgId: first.caller?.orgId ?? null,
  action: 'refused',
  targetKind: '',
  targetId: '',
  detail: { count, minute: toInstant(minute), last_route: lastRoute },
});
