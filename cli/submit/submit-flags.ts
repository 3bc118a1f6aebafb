import type { Framework } from '../../protocol/states.ts';
import type { ConnectionFlags } from '../config.ts';
import type { WaitFlags } from '../wait/wait-flags.ts';

/** The flags of `qgjob submit`, as commander hands them over. Durations in ms. */
export interface SubmitFlags extends ConnectionFlags, WaitFlags {
  readonly orgId?: string;
  readonly appVersionId?: string;
  readonly test?: readonly string[];
  readonly target?: readonly string[];
  readonly allowNoDevice?: true;
  readonly priority?: string;
  readonly maxRetries?: number;
  readonly retryFailedTests?: number;
  readonly testTimeout?: number;
  readonly queueTimeout?: number;
  readonly framework?: Framework;
  readonly source?: string;
  readonly app?: string;
  readonly dryRun?: true;
}
