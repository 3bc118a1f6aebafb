import type { RouteName } from '../../protocol/routes.ts';
import { isCancelled } from '../queue/runs/index.ts';
import type { Deps } from '../queue/store/deps.ts';
import { findAppVersion, findBundle } from '../queue/submit/index.ts';
import { refOf } from './app-versions.ts';
import { bundleKeyOf } from './bundles.ts';
import { type Call, orgOf, param } from './handler.ts';

/** Whether what a call asks for is so already; looked up before the call. Errors: those of the call. */
export type AlreadySo<N extends RouteName> = (queue: Deps, call: Call<N>) => Promise<boolean>;

const runIsCancelled: AlreadySo<'cancelRun'> = (queue, call) => isCancelled(queue, 'run', param(call, 'id'));

const jobIsCancelled = (
  queue: Deps,
  call: Pick<Call<'cancelJob' | 'deleteJob'>, 'params'>,
): Promise<boolean> => isCancelled(queue, 'job', param(call, 'id'));

const bundleIsThere = async (
  queue: Deps,
  call: Pick<Call<'uploadBundle'>, 'params' | 'principal' | 'query'>,
): Promise<boolean> =>
  (await findBundle(queue, bundleKeyOf(call, orgOf(call.principal, call.query.org_id)))) !== undefined;

const buildIsThere = async (queue: Deps, call: Parameters<typeof refOf>[0]): Promise<boolean> =>
  typeof (await findAppVersion(queue, refOf(call)))?.size === 'number';

/** All that the body says is known. */
const appIsRegistered: AlreadySo<'registerAppVersion'> = async (queue, call) => {
  const known = await findAppVersion(queue, refOf(call));
  const { platform, url, package_name: name, sha256 } = call.body;
  if (known?.platform !== platform) return false;
  const said: readonly (readonly [unknown, unknown])[] = [
    [url, known.url],
    [name, known.package_name],
    [sha256, known.sha256],
  ];
  return said.every(([given, kept]) => given === undefined || given === kept);
};

export const alreadySo = { appIsRegistered, buildIsThere, bundleIsThere, jobIsCancelled, runIsCancelled };
