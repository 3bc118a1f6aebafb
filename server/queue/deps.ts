import type { LibSQLDatabase } from 'drizzle-orm/libsql';
import type { Gate } from '../db/gate.ts';
import type { Together } from './together.ts';

/** What every verb is given. The clock is passed in, so that tests and the bench can move it. */
export interface Deps {
  readonly db: LibSQLDatabase;
  readonly gate: Gate;
  /** Epoch ms. */
  readonly now: () => number;
  /** In [0, 1); jitter of backoffs. */
  readonly random: () => number;
  /** Gathers requests for the verbs that work off many at once. */
  readonly together: Together;
  readonly settings: QueueSettings;
}

export interface QueueSettings {
  readonly leaseTtlMs: number;
  readonly heartbeatMs: number;
  readonly maxRetries: number;
  readonly defaultTarget: string;
  /** Origin that links in answers begin with. */
  readonly publicUrl: string;
}
