import * as core from '@actions/core';
import type { SavedCheck } from './checks/open-checks.ts';

/** What the main phase saves for `post`. The token is not in it: `post` reads the input again. */
export interface SavedRun {
  readonly runId: string;
  readonly serverUrl: string;
}

/** Called first: main and post are one bundle, and this says to the second start that it is post. */
export const markMain = (): void => core.saveState('phase', 'post');
export const isPost = (): boolean => core.getState('phase') === 'post';

/** From here on `post` cancels the run, however the step ends, unless `forgetRun` was called. */
export function rememberRun({ runId, serverUrl }: SavedRun): void {
  core.saveState('run-id', runId);
  core.saveState('server-url', serverUrl);
  core.saveState('cancel', 'true');
}

/** For a run that is final or may go on: `post` leaves it alone. */
export const forgetRun = (): void => core.saveState('cancel', 'false');

/** The run that `post` must cancel. */
export function recallRun(): SavedRun | undefined {
  if (core.getState('cancel') !== 'true') return undefined;
  return { runId: core.getState('run-id'), serverUrl: core.getState('server-url') };
}

interface SavedChecks {
  readonly repository: string;
  readonly keys: readonly SavedCheck[];
}

/** From here on `post` ends these check runs, where they are still in progress, unless `forgetChecks` was called. */
export const rememberChecks = (checks: SavedChecks): void => core.saveState('checks', JSON.stringify(checks));

export const forgetChecks = (): void => core.saveState('checks', '');

export function recallChecks(): SavedChecks | undefined {
  const text = core.getState('checks');
  return text === '' ? undefined : (JSON.parse(text) as SavedChecks);
}
