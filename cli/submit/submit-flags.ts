import type { Framework } from '../../protocol/states.ts';
import type { ConnectionFlags } from '../config.ts';

/** The flags of `qgjob submit`, as commander hands them over. Durations in ms. */
export interface SubmitFlags extends ConnectionFlags {
  readonly orgId?: string;
  readonly appVersionId?: string;
  readonly test?: readonly string[];
  readonly target?: readonly string[];
  readonly priority?: string;
  readonly maxRetries?: number;
  readonly retryFailedTests?: number;
  readonly testTimeout?: number;
  readonly queueTimeout?: number;
  readonly framework?: Framework;
  readonly source?: string;
  readonly app?: string;
  readonly wait?: true;
  readonly timeout?: number;
  readonly dryRun?: true;
  readonly json?: true;
}
