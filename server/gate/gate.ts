import type { BoundedLines } from './bounded-lines.ts';
import type { Buckets } from './buckets.ts';
import type { BytesHeld } from './bytes-held.ts';
import type { CallsInFlight } from './calls-in-flight.ts';

/** What one caller may take of a server, so that others feel nothing of it. */
export interface Gate {
  readonly calls: CallsInFlight;
  /** Of answers that are made in memory. */
  readonly answers: BytesHeld;
  /** Calls a second, by caller; undefined where there is no limit. */
  readonly requests: Buckets | undefined;
  /** Refused tokens, by address. */
  readonly badTokens: Buckets;
  /** Which refusals are logged. */
  readonly refusals: BoundedLines;
  /** What limits of an address count by; `forwarded`: the header X-Forwarded-For. */
  readonly addressOf: (remote: string | undefined, forwarded: string | undefined) => string;
}
