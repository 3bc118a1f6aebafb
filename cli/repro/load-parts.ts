import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { appEnding } from '../../client/apps/app-ending.ts';
import type { Client } from '../../client/index.ts';
import { pathInside } from '../../client/path-inside.ts';
import { oneLine } from '../../protocol/clean-text.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { AppVersion } from '../../protocol/shapes/app-version.ts';
import type { Repro } from '../../protocol/shapes/repro.ts';
import { shortHash } from '../../protocol/words.ts';
import { loadFile } from './load-file.ts';

/** How an agent lays sources out; it is loaded only where it is needed. */
export interface LayOut {
  unpackSource(archive: string, to: string, signal: AbortSignal): Promise<void>;
  fetchSource(wanted: {
    repository: string;
    sha: string;
    to: string;
    folder: string;
    signal: AbortSignal;
  }): Promise<void>;
}

/** The app version of a job; undefined where none is registered. */
export async function readApp(
  client: Client,
  { org_id, app_version_id: id }: Repro,
): Promise<AppVersion | undefined> {
  try {
    return await client.call('getAppVersion', { params: { id }, query: { org_id } });
  } catch (error) {
    if (error instanceof QgjobError && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** The build in the folder, or its address; empty where the suite brings its app. Errors: `not_found` for one that was announced only. */
export async function loadApp(
  client: Client,
  app: AppVersion | undefined,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  if (app === undefined) return '';
  const { app_version_id: id, org_id: orgId, sha256, size, platform, url } = app;
  if (size === null || sha256 === null) {
    if (url !== null || sha256 === null) return url ?? '';
    throw new QgjobError(
      'not_found',
      `the build of app version ${id} was never uploaded: qgjob apps upload FILE --app-version-id=${id}`,
    );
  }
  const path = join(folder, 'build');
  await loadFile(client, { call: 'getAppFile', params: { id }, orgId, sha256, path, signal });
  const named = join(folder, `app.${await appEnding(path, platform)}`);
  await rename(path, named);
  return named;
}

/** Where the test lies. `top`: of what was laid out; undefined: it is a folder of the person. */
export interface LaidOut {
  readonly root: string;
  readonly top: string | undefined;
}

/** Where a source will be, without any of it. */
export function placesOf({ source }: Repro, folder: string, own: string | undefined): LaidOut {
  if (own !== undefined || source === null || source.kind === 'workspace')
    return { root: resolve(own ?? '.'), top: undefined };
  const top = join(folder, 'source');
  const root = join(top, source.subdir ?? '');
  if (pathInside(top, root) === undefined)
    throw new QgjobError('invalid', 'the folder of its tests leads out of its source');
  return { root, top };
}

/** Lays the source of a job out in the folder. Errors: the server's, `invalid` for a bundle that is refused, `not_found`. */
export async function loadSource(
  client: Client,
  repro: Repro,
  folder: string,
  places: LaidOut,
  lay: LayOut & { readonly signal: AbortSignal },
): Promise<void> {
  const { source, org_id: orgId } = repro;
  const { signal } = lay;
  if (places.top === undefined) return refuseAway(repro, places.root);
  const { sha256, repository, sha } = source ?? {};
  if (sha256) {
    const archive = join(folder, 'bundle.tar.gz');
    const wanted = { params: { sha256 }, orgId, sha256, path: archive, signal };
    await loadFile(client, { call: 'getBundle', ...wanted }).catch(explainPruned);
    await lay.unpackSource(archive, places.top, signal);
    await rm(archive);
  } else if (repository && sha) await lay.fetchSource({ repository, sha, to: places.top, folder, signal });
  if (!existsSync(places.root))
    throw new QgjobError('invalid', `the source of the job has no folder ${oneLine(source?.subdir ?? '')}`);
}

/** The test lay in a folder of the agent: the person has to bring it. */
export function refuseAway({ test_path: test, source }: Repro, root: string): void {
  if (existsSync(join(root, test))) return;
  const commit = source?.sha ? ` at commit ${shortHash(source.sha)}` : '';
  throw new QgjobError(
    'invalid',
    `${test} lay in a folder of the agent${commit}, and it is not in ${root}: check it out and name that folder by --source`,
  );
}

function explainPruned(error: unknown): never {
  if (!(error instanceof QgjobError) || error.code !== 'not_found') throw error;
  throw new QgjobError(
    'not_found',
    'the server does not have the bundle any more, bundles are deleted some time after their last use: check the commit out and name that folder by --source',
    { requestId: error.requestId, cause: error },
  );
}
