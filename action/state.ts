import * as core from '@actions/core';

/** What the main phase leaves for `post`. The token is never in it: `post` reads the input again. */
export interface SavedRun {
  readonly runId: string;
  readonly serverUrl: string;
}

/** Written first of all, since main and post are one bundle. */
export const markMain = (): void => core.saveState('phase', 'post');
export const isPost = (): boolean => core.getState('phase') === 'post';

/** From here on a step that ends in any way but `forgetRun` makes `post` cancel the run. */
export function rememberRun({ runId, serverUrl }: SavedRun): void {
  core.saveState('run-id', runId);
  core.saveState('server-url', serverUrl);
  core.saveState('cancel', 'true');
}

/** The run is final, or it shall go on. */
export const forgetRun = (): void => core.saveState('cancel', 'false');

/** The run that `post` must cancel. */
export function recallRun(): SavedRun | undefined {
  if (core.getState('cancel') !== 'true') return undefined;
  return { runId: core.getState('run-id'), serverUrl: core.getState('server-url') };
}
