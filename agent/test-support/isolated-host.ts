import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Cgroups } from '../isolation/cgroups.ts';
import type { IsolationName } from '../isolation/isolation.ts';
import { startAgentProcess } from './agent-process.ts';
import { FakeServer } from './fake-server.ts';
import { makeWorkspace } from './host.ts';

const isRoot = process.getuid?.() === 0;
export const nobody = 65534;
/** Node and the packages may lie in the folder for temporary files, which is hidden from tests. */
const visible = [join(import.meta.dirname, '../..'), dirname(process.execPath)];
const hasCgroups = (await Cgroups.open('qgjob-test-')) !== undefined;

/** Whether a process of this machine was started with these words. */
export const isRunning = (words: string): boolean =>
  readdirSync('/proc').some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').includes(words);
    } catch {
      return false;
    }
  });

/** Where a test tries to write. As another user alone it shares the system's folders for all users. */
const placesOf = (isolation: IsolationName): string =>
  isolation === 'user' ? '"$HOME" "$TMPDIR" .' : `"$HOME" "$TMPDIR" ${tmpdir()} /var/tmp /dev/shm .`;

/** Reads what is not its own, writes wherever it can, and leaves processes that nothing marks. */
const evil = (left: string, places: string): string => `
cat .qgjob/agent/secret qgjob.agent.json .qgjob/agent/*/*/lease-*/*/*
cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep TOKEN=
echo 'exit 1' > next.sh
echo changed > .qgjob/agent/.cache/archive
for place in ${places}; do echo x > "$place/${left}"; done
env -i setsid /bin/sleep ${left} &
env -i setsid /bin/sh -c '/bin/sleep ${left} & exec /bin/sleep ${left}' &
until [ "$(cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -o 'bin/sleep ${left}' | wc -l)" -ge 3 ]; do sleep 0.02; done
echo did all
`;

/** Passes where nothing of the evil one is seen. */
const next = (left: string, places: string): string => `
for place in ${places}; do [ ! -e "$place/${left}" ] || exit 2; done
id -u
`;

export interface Host {
  readonly root: string;
  readonly left: string;
  readonly server: FakeServer;
}

export interface Setting {
  readonly isolation: IsolationName;
  /** Of the agent; undefined: that of this process. */
  readonly uid?: number;
}

export interface NamedSetting extends Setting {
  readonly name: string;
}

/** An agent beside whose settings a secret lies, on a host whose files belong to its user. */
export async function startHost({ isolation, uid }: Setting): Promise<Host> {
  const left = `9${process.pid}${Math.floor(Math.random() * 1e6)}`;
  const places = placesOf(isolation);
  const root = makeWorkspace({
    'evil.sh': evil(left, isolation === 'none' ? '.' : places),
    'next.sh': next(left, places),
    'hears.sh': 'trap "echo bye; exit 3" TERM; echo ready; while :; do sleep 0.02; done',
    'rights.sh': 'grep NoNewPrivs /proc/self/status',
    'playwright.config.ts': `export default { testDir: 'tests' };`,
    'tests/a.spec.ts': `import { test } from '@playwright/test';
test('is who it should be', () => console.log('I am ' + process.getuid()));
test('fails', () => { throw new Error('on purpose'); });`,
    'home/.profile': '',
    '.qgjob/agent/secret': 'secret of the agent',
    '.qgjob/agent/.cache/archive': 'as it was',
  });
  const settings = {
    devices: [{ driver: 'simulated', target: 'emulator' }],
    frameworks: { default: 'command', command: { test: ['sh', '{test}'] } },
    redact: ['secret of the settings'],
    isolation,
    isolation_visible: visible,
    ...(isolation === 'user' && { isolation_user: 'nobody' }),
  };
  writeFileSync(join(root, 'qgjob.agent.json'), JSON.stringify(settings));
  chmodSync(join(root, '.qgjob/agent'), 0o700);
  chmodSync(join(root, 'qgjob.agent.json'), 0o600);
  chmodSync(root, 0o755);
  if (uid !== undefined) execFileSync('chown', ['-hR', `${uid}:${uid}`, root]);
  const server = await FakeServer.start();
  const env = { HOME: join(root, 'home') };
  startAgentProcess(root, { serverUrl: server.url }, { uid, env });
  return { root, left, server };
}

const all: (NamedSetting & { readonly here: boolean })[] = [
  { name: 'none', isolation: 'none', here: hasCgroups },
  { name: 'user', isolation: 'user', here: isRoot },
  { name: 'namespace, by root', isolation: 'namespace', here: isRoot },
  { name: 'namespace, by another user', isolation: 'namespace', uid: nobody, here: isRoot },
];

/** The kinds of isolation that this machine can have. */
export const isolations: readonly NamedSetting[] = all.filter(({ here }) => here);
