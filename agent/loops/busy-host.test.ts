import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Heartbeat } from '../../protocol/shapes/agent.ts';
import type { FakeServer } from '../test-support/fake-server.ts';
import { leaseOf } from '../test-support/leases.ts';
import { startTestAgent, type TestAgent } from '../test-support/start-agent.ts';

const megabyte = 'one line of a test that says far too much, again and again\n'.repeat(17_000);
const files = {
  megabyte,
  'burns.sh': `for n in 1 2 3 4; do sh -c 'while :; do :; done' > burns 2>&1 & done; echo begun
    until [ -e go ]; do sleep 0.02; done`,
  // As fast as the agent can read until the file `go` is there, and 100 MB at least.
  'floods.sh': 'n=0; until [ -e go ] && [ $n -ge 100 ]; do cat megabyte; n=$((n+1)); done',
};

/** How many heartbeats renewed a lease. */
const renewals = (server: FakeServer): number =>
  server.callsOf('heartbeat').filter((call) => (call.body as Heartbeat).leases.length === 1).length;

async function startBusy(file: keyof typeof files): Promise<TestAgent> {
  const started = await startTestAgent({
    files,
    prepare: (fake) => {
      fake.heartbeatMs = 10;
    },
  });
  started.server.grant(leaseOf([file]));
  return started;
}

test('tests that burn all processors do not keep the lease from being renewed', async () => {
  const { server, root } = await startBusy('burns.sh');
  await server.until(() => server.logOf('job_burns_sh').includes('begun'));
  const before = renewals(server);
  await server.until(() => renewals(server) >= before + 10);
  expect(server.callsOf('finishJob')).toEqual([]);
  writeFileSync(join(root, 'go'), '');
  expect(await server.verdict('job_burns_sh')).toMatchObject({ verdict: 'passed' });
});

test('a test that floods its output does not either', async () => {
  const { server, root, agent } = await startBusy('floods.sh');
  await server.until(() => server.logOf('job_floods_sh').length > 1_000_000);
  const before = renewals(server);
  await server.until(() => renewals(server) >= before + 10);
  expect(server.callsOf('finishJob')).toEqual([]);
  expect(agent.renewal.fresh()).toBe(true);
  writeFileSync(join(root, 'go'), '');
  expect(await server.verdict('job_floods_sh')).toMatchObject({ verdict: 'passed' });
});
