import { spawnSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../config.ts';
import { noIsolation } from '../isolation/none.ts';
import { makeWorkspace } from '../test-support/host.ts';
import { type Network, Networks } from './networks.ts';
import { openNetworks } from './open-networks.ts';

const path = '/usr/sbin:/usr/bin:/sbin:/bin';
const isRoot = userInfo().uid === 0;

function open(stayMs = 60_000): Networks {
  const { uid, gid } = userInfo();
  const networks = new Networks({ user: isRoot ? undefined : { uid, gid }, path, stayMs });
  onTestFinished(() => networks.close());
  return networks;
}

/** Runs a shell line in a network; answers what it wrote. */
async function run(network: Network, line: string): Promise<string> {
  const folder = makeWorkspace();
  const space = await noIsolation(undefined).openSpace({ folder, root: folder, device: folder });
  const inside = network.enclose(space);
  const { command } = await inside.enclose({ argv: ['sh', '-c', line], cwd: folder, env: { PATH: path } });
  const [program = '', ...words] = command.argv;
  const { stdout, stderr } = spawnSync(program, words, { cwd: folder, env: command.env, encoding: 'utf8' });
  return (stdout + stderr).trim();
}

const here = 'readlink /proc/self/ns/net';

test('a source has one network, another source another one, and neither is that of the host', async () => {
  const networks = open();
  const [one, same, other] = await Promise.all(['a', 'a', 'b'].map((source) => networks.enter(source)));
  if (!one || !same || !other) throw new Error('no network');
  const found = await Promise.all([one, same, other].map((network) => run(network, here)));
  const host = spawnSync('sh', ['-c', here], { encoding: 'utf8' }).stdout.trim();
  expect(found[0]).toMatch(/^net:/);
  expect(found[1]).toBe(found[0]);
  expect(new Set([...found, host]).size).toBe(3);
  expect([same.id === one.id, other.id === one.id]).toEqual([true, false]);
});

test('it has loopback alone, and a program in it is the same user as without it', async () => {
  const network = await open().enter('a');
  const seen = await run(network, 'ip -o link | wc -l; ip -o addr show lo | grep -c 127.0.0.1; id -u');
  expect(seen.split('\n')).toEqual(['1', '1', String(userInfo().uid)]);
});

test('it goes when no lease has used it for a while; a new lease gets a new one', async () => {
  const networks = open(0);
  const first = await networks.enter('a');
  first.leave();
  expect(await anotherId(networks, first.id)).not.toBe(first.id);
});

test('a network whose process was killed is not given to new leases', async () => {
  const networks = open();
  const first = await networks.enter('a');
  const pid = /\/proc\/(\d+)\//.exec(JSON.stringify(await wordsOf(first)))?.[1];
  process.kill(Number(pid), 'SIGKILL');
  expect(await anotherId(networks, first.id)).not.toBe(first.id);
});

/** The id of the network of `a`, once it is another one. */
async function anotherId(networks: Networks, before: string): Promise<string> {
  for (;;) {
    const { id, leave } = await networks.enter('a');
    leave();
    if (id !== before) return id;
    await new Promise((resolve) => setTimeout(resolve));
  }
}

async function wordsOf(network: Network): Promise<readonly string[]> {
  const folder = makeWorkspace();
  const space = await noIsolation(undefined).openSpace({ folder, root: folder, device: folder });
  return (await network.enclose(space).enclose({ argv: ['true'], cwd: folder, env: {} })).command.argv;
}

const settings = (file: object, env: Record<string, string>) =>
  readConfig({ token: 'a-token' }, makeWorkspace({ 'qgjob.agent.json': JSON.stringify(file) }), env);

test('what a host cannot do is refused in words at the start', async () => {
  const failed = openNetworks(settings({ network: 'own' }, { PATH: makeWorkspace() }), 1);
  await expect(failed).rejects.toThrow(/^network own: this host cannot do it: .*unshare.* network host$/);
  const container = settings(
    { network: 'own', isolation: 'container', isolation_image: 'node:24' },
    { PATH: path },
  );
  await expect(openNetworks(container, 1)).rejects.toThrow(/^network own is not for isolation container/);
});

test('by default tests are in the network of the host', async () => {
  expect(await openNetworks(settings({}, { PATH: path }), 1)).toBeUndefined();
});
