import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { untilTrue } from '../test-support/host.ts';
import { agentToken, leasedJob, leaseOf } from '../test-support/leases.ts';
import { startTestAgent } from '../test-support/start-agent.ts';

const files = {
  'tests/passes.sh': 'echo all good',
  'tests/fails.sh': 'echo "expected 200, got 500"; exit 1',
  'tests/env.sh': 'env > seen',
};
const withJunit = { command: { test: ['sh', '{test}', '{junit}'] } };
const green = '<testsuite name="s"><testcase name="a"/></testsuite>';
const red = '<testsuite name="s"><testcase name="a"><failure message="no"/></testcase></testsuite>';

test('the jobs of a lease run in their order, each with its own verdict', async () => {
  const { server } = await startTestAgent({ files });
  server.grant(leaseOf(['tests/passes.sh', 'tests/fails.sh']));
  expect(await server.verdict('job_tests_passes_sh')).toEqual({
    attempt: 1,
    verdict: 'passed',
    duration_ms: expect.any(Number),
  });
  expect(await server.verdict('job_tests_fails_sh')).toMatchObject({
    verdict: 'failed',
    error: 'the command exited with 1:\nexpected 200, got 500',
  });
  expect(server.story).toEqual(['startJob', 'finishJob', 'startJob', 'finishJob']);
});

test('an attempt is named by the number that the server gave it', async () => {
  const { server } = await startTestAgent({ files });
  server.grant(leaseOf([leasedJob('tests/passes.sh', { next_attempt: 4 })]));
  expect(await server.verdict('job_tests_passes_sh')).toMatchObject({ attempt: 4 });
  expect(server.callsOf('startJob')[0]?.body).toEqual({ attempt: 4 });
});

test('a test gets variables about itself, and never the token of the agent', async () => {
  const { server, agent, root } = await startTestAgent({
    files,
    host: { QGJOB_TOKEN: agentToken, OTHER: 'x' },
  });
  server.grant(leaseOf([leasedJob('tests/env.sh', { next_attempt: 2 })]));
  await server.verdict('job_tests_env_sh');
  const text = readFileSync(join(root, 'seen'), 'utf8');
  const seen = Object.fromEntries(text.split('\n').map((line) => line.split('=') as [string, string]));
  const own = join(agent.config.dataDir, 'rack-1', String(process.pid));
  // The agent makes the names of folders, not the server.
  const folder = new RegExp(`^${own}/lease-\\w{6}/l/job-\\w{6}/`);
  expect(seen).toMatchObject({
    CI: '1',
    QGJOB_TEST: 'tests/env.sh',
    QGJOB_APP: '',
    QGJOB_DEVICE: 'simulated-emulator-1',
    QGJOB_ARTIFACTS: expect.stringMatching(folder),
    QGJOB_JUNIT: expect.stringMatching(folder),
    QGJOB_APP_VERSION_ID: 'v1',
    QGJOB_JOB_ID: 'job_tests_env_sh',
    QGJOB_ATTEMPT: '2',
  });
  expect(seen).not.toHaveProperty('OTHER');
  expect(text).not.toContain(agentToken);
});

test('what cannot be run is rejected before anything is installed, and costs the others nothing', async () => {
  const { server } = await startTestAgent({ files });
  server.grant(leaseOf(['tests/none.sh', 'tests/passes.sh', 'tests/../../etc/passwd'], { install: true }));
  expect(await server.verdict('job_tests_none_sh')).toMatchObject({
    verdict: 'error',
    error_class: 'rejected',
    error: "there is no test file tests/none.sh in the agent's workspace",
  });
  expect(await server.verdict('job_tests_______etc_passwd')).toMatchObject({ error_class: 'rejected' });
  expect(await server.verdict('job_tests_passes_sh')).toMatchObject({ verdict: 'passed' });
  expect(server.story).toEqual(['finishJob', 'finishJob', 'reportInstalled', 'startJob', 'finishJob']);
});

test('a rejected job that was cancelled meanwhile does not cost the others their lease', async () => {
  const { server } = await startTestAgent({
    files,
    prepare: (fake) => fake.refuse('finishJob', 'job_cancelled'),
  });
  server.grant(leaseOf(['tests/none.sh', 'tests/passes.sh']));
  expect(await server.verdict('job_tests_passes_sh')).toMatchObject({ verdict: 'passed' });
});

test.each([
  ['a framework that this agent has not', { framework: 'command' }, /must say frameworks\.command\.test/],
  [
    'a repository that the settings do not allow',
    {
      framework: 'playwright',
      source: { kind: 'git', repository: 'https://example.org/a', sha: 'a'.repeat(40) },
    },
    /the repository https:\/\/example\.org\/a is not one that this agent may fetch/,
  ],
  [
    'another commit',
    { framework: 'playwright', source: { kind: 'workspace', sha: 'a'.repeat(40) } },
    /asks for commit a{40}, and git cannot tell/,
  ],
] as const)('%s is rejected, and nothing is run', async (_what, lease, says) => {
  const { server } = await startTestAgent({ files, frameworks: {} });
  server.grant(leaseOf(['tests/passes.sh'], lease));
  expect(await server.verdict('job_tests_passes_sh')).toMatchObject({
    verdict: 'error',
    error_class: 'rejected',
    error: expect.stringMatching(says),
  });
  expect(server.story).toEqual(['finishJob']);
});

const disagreements = [
  ['a failing report with exit 0', `echo '${red}' > "$1"`, 'failed'],
  ['a green report with exit 1', `echo '${green}' > "$1"; exit 1`, 'failed'],
  ['a green report with exit 0', `echo '${green}' > "$1"`, 'passed'],
  ['a cut report', `echo '<testsuite>' > "$1"`, 'error report_error'],
  ['a folder of reports', `mkdir "$1"; echo '${red}' > "$1/TEST-a.xml"`, 'error report_error'],
  ['a FIFO for a report', `mkfifo "$1"`, 'error report_error'],
  ['a link to itself for a report', `ln -s "$1" "$1"`, 'error report_error'],
  ['a link to a report elsewhere', `echo '${green}' > r.xml; ln -s "$PWD/r.xml" "$1"`, 'error report_error'],
  [
    'a report that nobody may read',
    `echo '${green}' > "$1"; chmod 0 "$1"; exit 3`,
    'failed error report_error',
  ],
  ['a program that its shell does not find', 'no-such-program-of-mine; exit $?', 'error infra_error'],
  ['a wrapper whose exit names a signal', 'exit 137', 'error infra_error'],
] as const;
test.each(disagreements)('%s gets the worse verdict of the two', async (_what, script, verdict) => {
  const { server } = await startTestAgent({ files: { 'a.sh': script }, frameworks: withJunit });
  server.grant(leaseOf(['a.sh']));
  const finish = await server.verdict('job_a_sh');
  // Root may read the file, other users may not: so there are two right verdicts.
  expect(verdict).toContain([finish.verdict, finish.error_class].filter(Boolean).join(' '));
});

test('a report that an earlier attempt left is not believed', async () => {
  const { server } = await startTestAgent({
    files: { 'a.sh': `[ -e ran ] && exit 0; touch ran; echo '${green}' > "$1"` },
    frameworks: withJunit,
  });
  for (const attempt of [1, 2]) {
    server.grant(leaseOf([leasedJob('a.sh', { next_attempt: attempt })]));
    await server.until(() => server.callsOf('finishJob').length === attempt);
  }
  const [first, second] = server.callsOf('finishJob').map((call) => call.body);
  expect(first).toHaveProperty('tests');
  expect(second).not.toHaveProperty('tests');
});

test('a test that cannot be started is an infrastructure error', async () => {
  const { server } = await startTestAgent({ files, frameworks: { command: { test: ['no-such-program'] } } });
  server.grant(leaseOf(['tests/passes.sh']));
  expect(await server.verdict('job_tests_passes_sh')).toMatchObject({
    verdict: 'error',
    error_class: 'infra_error',
    error: expect.stringMatching(/^cannot start no-such-program/),
  });
});

test('two devices of one agent run at the same time', async () => {
  const { server } = await startTestAgent({
    // Each waits for the other.
    files: {
      'a.sh': 'touch a; until [ -e b ]; do sleep 0.02; done',
      'b.sh': 'touch b; until [ -e a ]; do sleep 0.02; done',
    },
    count: 2,
  });
  server.grant(leaseOf(['a.sh']));
  server.grant(leaseOf(['b.sh']));
  expect(await server.verdict('job_a_sh')).toMatchObject({ verdict: 'passed' });
  expect(await server.verdict('job_b_sh')).toMatchObject({ verdict: 'passed' });
});

test('nothing of a lease stays on the disk, and nothing at all of an agent that ended', async () => {
  const { server, agent, stop } = await startTestAgent({ files });
  server.grant(leaseOf(['tests/passes.sh']));
  await server.until(() => server.callsOf('takeLease').length === 2);
  const home = join(agent.config.dataDir, 'rack-1');
  await untilTrue(() => readdirSync(join(home, String(process.pid))).length === 0);
  await stop();
  expect(existsSync(join(home, String(process.pid)))).toBe(false);
});
