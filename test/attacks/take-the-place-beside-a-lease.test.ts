import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Device } from '../../agent/devices/device.ts';
import { outerPrefix } from '../../agent/folders.ts';
import { leaseOf } from '../../agent/test-support/leases.ts';
import { startTestAgent } from '../../agent/test-support/start-agent.ts';

/** Tries to be there first, where the agent keeps what it has of a lease beside the folder of that lease. */
const isRoot = process.getuid?.() === 0;

/** Leaves a file of each attempt. */
const camera: Device = {
  offer: { name: 'camera', target: 'emulator', labels: {} },
  env: {},
  record: async ({ folder }) => ({
    end: async () => writeFileSync(join(folder, 'screen.txt'), 'seen'),
  }),
};

/** In the name of what a test of another lease does, which sees names in /tmp: it takes those that it can foresee. */
const takeNames = (prefix: string): string => `
for folder in ${tmpdir()}/${prefix}${process.pid}-??????; do
  setpriv --reuid=nobody --clear-groups mkdir "$folder-aside" "$folder/aside" "$folder/l-aside"
done
exit 0`;

test.runIf(isRoot)('who takes the names beside the folder of a lease costs it no recording', async () => {
  let prefix = '';
  const { server, stop } = await startTestAgent({
    files: { 'a.sh': 'exit 0' },
    devices: [camera],
    settings: {
      ...{ isolation: 'user', isolation_user: 'nobody' },
      hooks: { before_lease: ['sh', 'take-names.sh'] },
    },
    prepare: (_, root) => {
      chmodSync(root, 0o755);
      prefix = outerPrefix({ dataDir: join(root, '.qgjob/agent'), name: 'rack-1' });
      writeFileSync(join(root, 'take-names.sh'), takeNames(prefix));
    },
  });
  server.grant(leaseOf(['a.sh']));
  expect(await server.verdict('job_a_sh')).toMatchObject({ verdict: 'passed' });
  await stop();
  const taken = readdirSync(tmpdir()).filter((name) => name.startsWith(prefix));
  for (const name of taken) rmSync(join(tmpdir(), name), { recursive: true });
  expect(server.logOf('job_a_sh')).not.toContain('not whole');
  expect(server.artifacts.of('job_a_sh')).toEqual({ 'device/screen.txt': 'seen' });
  // Of the lease and of the device: it did take names.
  expect(taken).toEqual([expect.stringMatching(/-aside$/), expect.stringMatching(/-aside$/)]);
});

const tries = `
cd "$QGJOB_ARTIFACTS/../.."
ls .. && echo done: listed what lies there
ls ../aside && echo done: listed what the agent has
touch ../new && echo done: wrote there
mv ../l ../moved && echo done: moved the lease
mv ../aside ../moved && echo done: moved what the agent has
echo tried all`;

test.runIf(isRoot)('a test changes and lists nothing beside the folder of its lease', async () => {
  const { server } = await startTestAgent({
    files: { 'tries.sh': tries },
    settings: { isolation: 'user', isolation_user: 'nobody' },
    prepare: (_, root) => chmodSync(root, 0o755),
  });
  server.grant(leaseOf(['tries.sh']));
  await server.verdict('job_tries_sh');
  expect(server.logOf('job_tries_sh')).toContain('tried all');
  expect(server.logOf('job_tries_sh')).not.toContain('done: ');
});
