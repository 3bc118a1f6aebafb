import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { QgjobError } from '../../protocol/errors.ts';
import { isAlive } from '../children/processes.ts';
import type { AgentConfig } from '../config.ts';
import { agentFolder } from '../folders.ts';
import { Cgroups } from './cgroups.ts';
import { containerIsolation } from './container.ts';
import type { Isolation } from './isolation.ts';
import { namespaceIsolation } from './namespace.ts';
import { noIsolation } from './none.ts';
import { findPlaces, isLayerable } from './places.ts';
import { findUser, type TestUser } from './test-user.ts';
import { tryOut } from './try-out.ts';
import { userIsolation } from './user.ts';
import { hasHome } from './user-folders.ts';

/** Who runs the agent. */
export interface Host {
  readonly platform: NodeJS.Platform;
  readonly own: TestUser;
}

/**
 * The isolation that the settings ask for, tried out. Errors: `invalid`, in one line what this host cannot do and what to
 * do about it. There is no way round in silence.
 */
export async function openIsolation(config: AgentConfig, host: Host = thisHost()): Promise<Isolation> {
  const cgroups = await openCgroups(config);
  const { name } = config.isolation;
  if (name === 'none') return noIsolation(cgroups);
  if (name !== 'container' && host.platform !== 'linux')
    throw refused(`isolation ${name} is for Linux; this is ${host.platform}. Choose container or none`);
  if (name === 'user') return openUser(config, host, cgroups);
  if (name === 'namespace') return openNamespace(config, host, cgroups);
  return openContainer(config, host);
}

/** The groups of earlier starts are ended with their processes. */
async function openCgroups(config: AgentConfig): Promise<Cgroups | undefined> {
  const id = createHash('sha256').update(agentFolder(config)).digest('hex').slice(0, 16);
  const cgroups = await Cgroups.open(`qgjob-${id}-`);
  await cgroups?.endLeft((pid) => pid === process.pid || !isAlive(pid));
  return cgroups;
}

async function openUser(config: AgentConfig, host: Host, cgroups: Cgroups | undefined): Promise<Isolation> {
  const name = config.isolation.user;
  if (name === undefined)
    throw refused('isolation user needs isolation_user: the name of the user that tests run as');
  const user = await otherUser(name, host);
  const failure = await tryOut(userIsolation(user, cgroups), config);
  if (failure === undefined) return userIsolation(user, cgroups);
  const advice = host.own.uid === 0 ? '' : '. Run the agent as root, which gives its tests that user';
  throw refused(`isolation user: tests cannot run as ${name} here: ${failure}${advice}`);
}

async function openNamespace(
  config: AgentConfig,
  host: Host,
  cgroups: Cgroups | undefined,
): Promise<Isolation> {
  const isRoot = host.own.uid === 0;
  const user = await userOfTests(config, host);
  // Only what is there can be hidden, and other leases would see what is made later.
  await mkdir(agentFolder(config), { recursive: true, mode: 0o700 });
  const hasOwnHome = !isRoot || (await hasHome(user));
  const open = (canLayer: boolean): Isolation =>
    namespaceIsolation({
      user,
      isRoot,
      cgroups,
      look: (folders, home) =>
        findPlaces(folders, home, { config, canLayer, uids: [...new Set([host.own.uid, user.uid])] }),
      homeEnds: !hasOwnHome || (canLayer && isLayerable(user.home)),
      says: `isolation namespace: tests run as ${user.name} in namespaces of their own${canLayer ? '' : noLayers}`,
    });
  const failure = await tryOut(open(true), config);
  if (failure === undefined) return open(true);
  if ((await tryOut(open(false), config)) === undefined) return open(false);
  throw refused(
    `isolation namespace: this host cannot do it: ${failure}. ${isRoot ? ofRoot : ofOthers}, or choose another isolation`,
  );
}

const noLayers =
  '; this host has no overlays for them, so what they write into the workspace or their home stays there';
const ofRoot = 'Root needs the right to mount (in a container: --privileged, or CAP_SYS_ADMIN)';
const ofOthers =
  'Allow user namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0, user.max_user_namespaces above 0), or run the agent as root';

async function openContainer(config: AgentConfig, host: Host): Promise<Isolation> {
  const { image, engine, visible } = config.isolation;
  if (image === undefined)
    throw refused('isolation container needs isolation_image: the image that tests run in');
  const user = await userOfTests(config, host);
  const isolation = containerIsolation({ engine, image, user, isRoot: host.own.uid === 0, visible });
  const failure = await tryOut(isolation, config);
  if (failure === undefined) return isolation;
  throw refused(
    `isolation container: ${engine} cannot run ${image} here: ${failure}. Start its service, check that this user may use it and that the image is there and has /bin/sh`,
  );
}

/** Tests of root's agent are never root's: without a name they are those of nobody. */
async function userOfTests(config: AgentConfig, host: Host): Promise<TestUser> {
  const { name, user } = config.isolation;
  if (host.own.uid === 0) return otherUser(user ?? 'nobody', host);
  if (user === undefined || user === host.own.name)
    return { ...host.own, home: config.childEnv.HOME ?? host.own.home };
  throw refused(`isolation ${name} with isolation_user ${user}: only root can give tests another user`);
}

async function otherUser(name: string, host: Host): Promise<TestUser> {
  const user = await findUser(name);
  if (user.uid !== 0 && user.uid !== host.own.uid) return user;
  throw refused(
    `isolation_user: ${name} is ${user.uid === 0 ? 'root' : "the agent's own user"}; name another`,
  );
}

const refused = (what: string): QgjobError => new QgjobError('invalid', what);

function thisHost(): Host {
  const { username, uid, gid, homedir } = userInfo();
  return { platform: process.platform, own: { name: username, uid, gid, home: homedir } };
}
