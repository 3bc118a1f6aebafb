import type { Client } from '../../client/index.ts';
import type { Leg } from '../../report/newest-runs.ts';
import type { Followed } from '../follow/follow-run.ts';
import type { Inputs } from '../inputs/inputs.ts';
import type { Submitted } from './find-runs.ts';

/** A run with its end. */
export interface ReportedRun {
  readonly leg: Leg<Submitted>;
  readonly followed: Followed;
  /** Why it does not count as passed. */
  readonly failure: string | undefined;
}

export interface ReportOf {
  readonly client: Client;
  readonly inputs: Inputs;
  /** The event file. */
  readonly payload: unknown;
  /** `owner/name`. */
  readonly repository: string;
  readonly stop: AbortSignal;
}
