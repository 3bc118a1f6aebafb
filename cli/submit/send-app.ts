import { describeApp, versionOfBuild } from '../../client/apps/describe-app.ts';
import { type PreparedApp, prepareApp } from '../../client/apps/prepare-app.ts';
import { sendApp } from '../../client/apps/send-app.ts';
import type { Client } from '../../client/index.ts';
import { readHead } from '../../client/read-head.ts';
import type { AppVersion } from '../../protocol/shapes/app-version.ts';
import { say } from '../output/print.ts';
import { gitOptions } from './git-options.ts';
import { uploadProgress } from './upload-progress.ts';

/** A build, and the app version that it is to be. */
export interface NamedApp {
  readonly app: PreparedApp;
  readonly appVersionId: string;
}

/**
 * Reads a build. Without an id it is the commit of this folder, where there is one, with the beginning of the build's hash,
 * so that a rebuild is another version. Errors: `invalid` (no app), `too_large`.
 */
export async function nameApp(path: string, appVersionId: string | undefined): Promise<NamedApp> {
  const app = await prepareApp(path);
  if (appVersionId !== undefined) return { app, appVersionId };
  const head = await readHead(process.cwd(), gitOptions());
  return { app, appVersionId: versionOfBuild('sha' in head ? head.sha : undefined, app.sha256) };
}

/** Registers the build and uploads it, unless the org has it. Says on stderr what it is. */
export async function sendNamedApp(
  client: Client,
  { app, appVersionId }: NamedApp,
  orgId: string | undefined,
): Promise<AppVersion> {
  const onProgress = uploadProgress('the app');
  const { appVersion, isNew } = await sendApp(client, app, { orgId, appVersionId, onProgress });
  say(`app ${appVersionId}: ${describeApp(app)}${isNew ? '' : ', uploaded before'}`);
  return appVersion;
}
