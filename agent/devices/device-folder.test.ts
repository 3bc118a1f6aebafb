import { existsSync } from 'node:fs';
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

test('what an install leaves in the folder of the device is there until the next install, and goes with the agent', async () => {
  const { server, stop } = await startTestAgent({ files, frameworks });
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
  expect(second.folder).toBe(first.folder);
  expect([existsSync(first.folder), existsSync(third.folder)]).toEqual([false, true]);
  await stop();
  expect(existsSync(third.folder)).toBe(false);
});
