import * as core from '@actions/core';
import { describeApp } from '../../client/apps/describe-app.ts';
import type { PreparedApp } from '../../client/apps/prepare-app.ts';
import type { Client } from '../../client/index.ts';
import type { BodyOf } from '../../protocol/contracts.ts';
import { formatBytes } from '../../protocol/sizes.ts';
import { cleanLine } from '../../report/clean-lines.ts';

/** What the workflow says of its app. */
export interface GivenApp {
  readonly file: PreparedApp | undefined;
  readonly url: string | undefined;
}

const shownEveryMs = 10_000;

/** Registers the app version of a run with its build or its address, and uploads the build unless the org has it. */
export async function registerApp(
  client: Client,
  { file, url }: GivenApp,
  { org_id: orgId, app_version_id: appVersionId }: BodyOf<'submitRun'>,
  signal: AbortSignal,
): Promise<void> {
  if (file !== undefined) {
    const { sendApp } = await import('./app-file.ts');
    const onProgress = progress();
    const { isNew } = await sendApp(client, file, { orgId, appVersionId, url, signal, onProgress });
    core.info(cleanLine(`App ${appVersionId}: ${describeApp(file)}${isNew ? '' : ', uploaded before'}`));
  } else if (url !== undefined) {
    const query = orgId === undefined ? {} : { org_id: orgId };
    const body = { platform: platformAt(url), url };
    await client.call('registerAppVersion', { params: { id: appVersionId }, query, body, signal });
    core.info(cleanLine(`App ${appVersionId}: ${url}`));
  }
}

const platformAt = (url: string): 'android' | 'ios' =>
  new URL(url).pathname.toLowerCase().endsWith('.ipa') ? 'ios' : 'android';

function progress(): (sent: number, total: number) => void {
  let saidAt = performance.now();
  return (sent, total) => {
    const now = performance.now();
    if (now - saidAt < shownEveryMs) return;
    saidAt = now;
    core.info(`Uploading the app: ${formatBytes(sent)} of ${formatBytes(total)}`);
  };
}
