import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { appEnding } from '../../client/apps/app-ending.ts';
import { isRetryable } from '../../client/index.ts';
import { formatDuration } from '../../protocol/durations.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { Lease } from '../../protocol/shapes/agent.ts';
import { formatBytes } from '../../protocol/sizes.ts';
import type { Agent } from '../agent.ts';
import { makeNew } from '../folders.ts';
import type { LiveLease } from '../loops/lease-book.ts';
import type { SourceFailure } from '../sources/source-failure.ts';
import { downloadFile } from './download-file.ts';

/** The app of a lease, or why this host does not have it. */
export type FoundApp =
  | {
      /** A path, or the address that was registered; empty where the framework brings the app. */
      readonly app: string;
      /** The folder of this lease that holds the file, and nothing else. */
      readonly folder?: string;
    }
  | { readonly failure: SourceFailure };

/**
 * The build of a lease's app version, as a file in a new folder below `folder`, whose name ends as its kind. Errors: those of
 * the server that another try, here or elsewhere, would meet again.
 */
export async function findApp(
  agent: Agent,
  lease: Lease,
  live: LiveLease,
  folder: string,
): Promise<FoundApp> {
  const { sha256, size, platform = '', url = '' } = lease.app ?? {};
  if (sha256 === undefined) return { app: url };
  // It lies at its address.
  if (size === undefined && url !== '') return { app: url };
  if (size === undefined) return { failure: { class: 'rejected', why: notUploaded(lease) } };
  // Nothing of the lease has started yet: a drain too ends the download.
  const signal = AbortSignal.any([live.lost, agent.stop.drain, agent.intake.closed]);
  try {
    const own = await makeNew(folder, 'app-');
    const path = join(own, 'build');
    await agent.apps.copy(sha256, path, (to) => download(agent, lease, live, to, signal), signal);
    const named = join(own, `app.${await appEnding(path, platform)}`);
    await rename(path, named);
    return { app: named, folder: own };
  } catch (error) {
    return { failure: signal.aborted ? { class: 'stopped' } : failureOf(error) };
  }
}

/** Without it the tests would run on whatever is on the device. */
const notUploaded = ({ app_version_id: id, app }: Lease): string =>
  `the build of app version ${id} was announced (sha256 ${app?.sha256}) and not uploaded: qgjob apps upload FILE --app-version-id=${id}`;

async function download(
  agent: Agent,
  { app_version_id: id, app }: Lease,
  live: LiveLease,
  path: string,
  signal: AbortSignal,
): Promise<string> {
  const startedAt = agent.now();
  const sha256 = await downloadFile(live, 'getLeaseApp', app?.sha256 ?? '', path, signal);
  const took = formatDuration(Math.round(agent.now() - startedAt));
  agent.say(`the app ${id} was fetched: ${formatBytes(app?.size ?? 0)} in ${took}`);
  return sha256;
}

/** Another host may have a disk with room, or a better line to the server. */
function failureOf(error: unknown): SourceFailure {
  const why = (error as Error).message;
  if (error instanceof QgjobError && error.code === 'not_found')
    return { class: 'rejected', why: `the server does not have the app any more: ${why}` };
  if (error instanceof QgjobError && !isRetryable(error)) throw error;
  return { class: 'infra_error', why: `the app could not be fetched: ${why}` };
}
