import { spawnSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { QgjobError } from '../../protocol/errors.ts';
import type { AgentConfig } from '../config.ts';
import { type NetworkMaker, NetworkProcess } from './network-process.ts';
import { Networks } from './networks.ts';

/**
 * The networks that the settings ask for, tried out; undefined: that of the host. Errors: `invalid`, in one line what this
 * host cannot do and what to do about it.
 */
export async function openNetworks(config: AgentConfig, stayMs: number): Promise<Networks | undefined> {
  if (config.network === 'host') return undefined;
  if (config.isolation.name === 'container')
    throw refused('network own is not for isolation container; choose another isolation, or network host');
  if (process.platform !== 'linux')
    throw refused(`network own is for Linux; this is ${process.platform}. Choose network host`);
  const { uid, gid } = userInfo();
  const options = { user: uid === 0 ? undefined : { uid, gid }, path: config.childEnv.PATH ?? '' };
  const failure = await tryOut(options);
  if (failure === undefined) return new Networks({ ...options, stayMs });
  throw refused(`network own: this host cannot do it: ${failure}. ${advice}, or choose network host`);
}

const advice =
  'It needs unshare, nsenter (util-linux) and ip (iproute2), and root or user namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0, user.max_user_namespaces above 0)';

async function tryOut(options: NetworkMaker): Promise<string | undefined> {
  try {
    const network = await NetworkProcess.start(options);
    const [program = '', ...words] = [...network.words, 'true'];
    const { status, stderr, error } = spawnSync(program, words, {
      env: { PATH: options.path },
      encoding: 'utf8',
    });
    network.end();
    return status === 0 ? undefined : (error?.message ?? stderr.trim().split('\n').at(-1));
  } catch (error) {
    return (error as Error).message;
  }
}

const refused = (what: string): QgjobError => new QgjobError('invalid', what);
