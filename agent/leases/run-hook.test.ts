import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { untilFile } from '../test-support/host.ts';
import { leaseOf } from '../test-support/leases.ts';
import { startTestAgent } from '../test-support/start-agent.ts';

const files = {
  'a.sh': 'echo a >> story',
  'b.sh': 'echo b >> story; exit 1',
  'before.sh': 'echo "before $QGJOB_DEVICE $QGJOB_APP_VERSION_ID" >> story',
  'after.sh': 'echo "after $QGJOB_HOOK" >> story',
};
const hooks = { before_lease: ['sh', 'before.sh'], after_lease: ['sh', 'after.sh'] };

test('hooks of the host run around the tests of each lease, whatever became of them', async () => {
  const { server, root } = await startTestAgent({ files, settings: { hooks } });
  server.grant(leaseOf(['a.sh', 'b.sh']));
  await server.verdict('job_b_sh');
  await server.until(() => server.callsOf('takeLease').length === 2);
  expect(readFileSync(join(root, 'story'), 'utf8').trim().split('\n')).toEqual([
    'before simulated-emulator-1 v1',
    'a',
    'b',
    'after after_lease',
  ]);
});

test('a hook that fails before a lease sends its first test elsewhere with its words, and gives the others back', async () => {
  const { server, root } = await startTestAgent({
    files: { ...files, 'before.sh': 'echo "the hub is off"; exit 3' },
    settings: { hooks },
  });
  server.grant(leaseOf(['a.sh', 'b.sh']));
  await server.until(() => server.callsOf('releaseLease').length === 1);
  expect(server.story).toEqual(['finishJob', 'releaseLease']);
  expect(server.verdictOf('job_a_sh')).toMatchObject({
    error_class: 'infra_error',
    error: 'the hook before_lease exited with 3:\nthe hub is off',
  });
  expect(existsSync(join(root, 'story'))).toBe(false);
});

test('one that fails afterwards, or is not there, costs no verdict and is said', async () => {
  const { server, lines } = await startTestAgent({
    files,
    settings: { hooks: { after_lease: ['no-such-program'] } },
  });
  server.grant(leaseOf(['a.sh']));
  expect(await server.verdict('job_a_sh')).toMatchObject({ verdict: 'passed' });
  await server.until(() => server.callsOf('takeLease').length === 2);
  expect(lines.join('\n')).toMatch(/simulated-emulator-1 {2}cannot start no-such-program/);
});

test('a drain ends one that runs before a lease, which may tidy up; its jobs are given back', async () => {
  const { server, root, stop } = await startTestAgent({
    files: {
      ...files,
      'before.sh': 'trap "echo tidied >> story; exit" TERM; touch begun; while :; do sleep 0.02; done',
    },
    settings: { hooks },
  });
  server.grant(leaseOf(['a.sh', 'b.sh']));
  await untilFile(join(root, 'begun'));
  expect(await stop()).toBe(0);
  expect(server.story).toEqual(['releaseLease']);
  expect(readFileSync(join(root, 'story'), 'utf8')).toBe('tidied\n');
});

test('one that does not end is ended', async () => {
  const { server } = await startTestAgent({
    files: { ...files, 'before.sh': 'while :; do sleep 0.02; done' },
    settings: { hooks },
    timing: { hookMs: 50 },
  });
  server.grant(leaseOf(['a.sh']));
  expect(await server.verdict('job_a_sh')).toMatchObject({ error: 'the hook before_lease took too long' });
});
