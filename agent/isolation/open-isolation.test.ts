import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { makeWorkspace } from '../test-support/host.ts';
import { type Host, openIsolation } from './open-isolation.ts';

const root: Host = { platform: 'linux', own: { name: 'root', uid: 0, gid: 0, home: '/root' } };
const someone: Host = { platform: 'linux', own: { name: 'ci', uid: 1000, gid: 1000, home: '/home/ci' } };

function open(settings: object, host?: Host, env: Record<string, string> = { PATH: '/usr/bin:/bin' }) {
  const folder = makeWorkspace({ 'qgjob.agent.json': JSON.stringify(settings) });
  return openIsolation(readConfig({ token: 'a-token' }, folder, env), host);
}

const refused: [what: string, settings: object, host: Host, says: RegExp][] = [
  ['user without a name', { isolation: 'user' }, root, /^isolation user needs isolation_user/],
  [
    'a user that is not there',
    { isolation: 'user', isolation_user: 'no-such-user' },
    root,
    /^isolation_user: this host has no user no-such-user; make one \(useradd/,
  ],
  ['root as the user', { isolation: 'user', isolation_user: 'root' }, root, /^isolation_user: root is root/],
  [
    'another user where root does not run the agent',
    { isolation: 'namespace', isolation_user: 'nobody' },
    someone,
    /^isolation namespace with isolation_user nobody: only root/,
  ],
  [
    'namespaces on another system',
    { isolation: 'namespace' },
    { ...someone, platform: 'darwin' },
    /^isolation namespace is for Linux; this is darwin/,
  ],
  [
    'a container without an image',
    { isolation: 'container' },
    root,
    /^isolation container needs isolation_image/,
  ],
];
test.each(refused)('%s is refused in words', async (_what, settings, host, says) => {
  await expect(open(settings, host)).rejects.toThrow(says);
});

test('what this host has no programs for is refused with what is missing and what to do', async () => {
  const env = { PATH: makeWorkspace() };
  const failed = open({ isolation: 'namespace' }, undefined, env);
  await expect(failed).rejects.toThrow(
    /^isolation namespace: this host cannot do it: .*not found.* choose another/,
  );
  const container = open(
    { isolation: 'container', isolation_image: 'node:24', isolation_engine: 'podman' },
    undefined,
    env,
  );
  await expect(container).rejects.toThrow(/^isolation container: podman cannot run node:24 here: .*podman/);
});

test('a client without its service is refused with what the client says', async () => {
  const bin = makeWorkspace();
  // As docker's client says it.
  writeFileSync(join(bin, 'docker'), '#!/bin/sh\necho "Cannot connect to the Docker daemon" >&2\nexit 125\n');
  chmodSync(join(bin, 'docker'), 0o755);
  const failed = open({ isolation: 'container', isolation_image: 'node:24' }, undefined, {
    PATH: `${bin}:/usr/bin:/bin`,
  });
  await expect(failed).rejects.toThrow(
    /docker did not start the container.*: Cannot connect to the Docker daemon/,
  );
});

test('without isolation nothing is refused, and it is said what that means', async () => {
  const isolation = await open({}, someone);
  expect(isolation.says).toMatch(/^isolation none: tests can read what this user can read/);
});

test.skipIf(process.getuid?.() !== 0)(
  'packages are kept where the home of tests ends with their lease, and nowhere else',
  async () => {
    const homes = ['home', 'a,home-that-no-overlay-can-cover'];
    const kept = homes.map(async (name) => {
      const home = join(makeWorkspace({ [`${name}/.profile`]: '' }), name);
      const own = { ...someone, own: { ...someone.own, home } };
      return (await open({ isolation: 'namespace' }, own, { PATH: '/usr/bin:/bin', HOME: home })).mayKeep;
    });
    expect(await Promise.all(kept)).toEqual([true, false]);
    expect((await open({ isolation: 'namespace', isolation_user: 'nobody' }, root)).mayKeep).toBe(true);
  },
);
