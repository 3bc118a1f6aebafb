import { chmodSync, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { leaseOf } from '../test-support/leases.ts';
import { startTestAgent } from '../test-support/start-agent.ts';

const look = 'echo "in $QGJOB_DEVICE_DIR: $(cat "$1/app")"';
const files = {
  'install.sh': 'test -z "$(ls -A "$1")" && echo "$QGJOB_APP_VERSION_ID" > "$1/app"',
  'first.sh': look,
  'second.sh': look,
  'third.sh': look,
};
const frameworks = {
  default: 'command',
  command: { install: ['sh', 'install.sh', '{device_dir}'], test: ['sh', '{test}', '{device_dir}'] },
};

const isRoot = process.getuid?.() === 0;
// Node may lie in the folder for temporary files, which is hidden from tests.
const isolation_visible = [dirname(process.execPath)];
const isolations = [
  { isolation: 'none' },
  ...(isRoot
    ? ['user', 'namespace'].map((isolation) => ({ isolation, isolation_user: 'nobody', isolation_visible }))
    : []),
];

test.each(isolations)(
  'what an install leaves on the device is there until the next one: %j',
  async (settings) => {
    const { server, stop } = await startTestAgent({
      files,
      frameworks,
      settings,
      prepare: (_, root) => chmodSync(root, 0o755),
    });
    const run = async (name: string, version: string, install: boolean) => {
      server.grant(leaseOf([`${name}.sh`], { app_version_id: version, install }));
      await server.verdict(`job_${name}_sh`);
      const [, folder = '', app] = /in (\S+): (\w+)/.exec(server.logOf(`job_${name}_sh`)) ?? [];
      return { folder, app };
    };
    const first = await run('first', 'v1', true);
    const second = await run('second', 'v1', false);
    const third = await run('third', 'v2', true);
    expect([first.app, second.app, third.app]).toEqual(['v1', 'v1', 'v2']);
    await stop();
    expect([first, second, third].filter(({ folder }) => existsSync(folder))).toEqual([]);
  },
);
