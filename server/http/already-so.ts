import type { RouteName } from '../../protocol/routes.ts';
import { isCancelled } from '../queue/runs/index.ts';
import { findAppVersion, findBundle } from '../queue/submit/index.ts';
import { refOf, withoutLost } from './app-versions.ts';
import { bundleKeyOf } from './bundles.ts';
import { type Call, type HttpDeps, orgOf, param } from './handler.ts';

/** Whether what a call asks for is so already; looked up before the call. Errors: those of the call. */
export type AlreadySo<N extends RouteName> = (deps: HttpDeps, call: Call<N>) => Promise<boolean>;

const runIsCancelled: AlreadySo<'cancelRun'> = ({ queue }, call) =>
  isCancelled(queue, 'run', param(call, 'id'));

const jobIsCancelled = (
  { queue }: HttpDeps,
  call: Pick<Call<'cancelJob' | 'deleteJob'>, 'params'>,
): Promise<boolean> => isCancelled(queue, 'job', param(call, 'id'));

/** Its row is there, and its bytes: after a restored backup these may be missing. */
async function bundleIsThere(
  { queue, bundles }: HttpDeps,
  call: Pick<Call<'uploadBundle'>, 'params' | 'principal' | 'query'>,
): Promise<boolean> {
  const key = bundleKeyOf(call, orgOf(call.principal, call.query.org_id));
  return (await findBundle(queue, key)) !== undefined && (await bundles.has(key)) !== undefined;
}

async function buildIsThere({ queue, apps }: HttpDeps, call: Parameters<typeof refOf>[0]): Promise<boolean> {
  const known = await findAppVersion(queue, refOf(call));
  return known !== undefined && (await withoutLost(apps, known)).size !== null;
}

/** All that the body says is known. */
const appIsRegistered: AlreadySo<'registerAppVersion'> = async ({ queue }, call) => {
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
