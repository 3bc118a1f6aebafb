import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseJunit } from '../../agent/reports/read-junit.ts';
import { readActionYml } from '../../scripts/action-yml.ts';
import { runMain, runPost, sha } from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';

const junit = (cases: string) =>
  `cat > "$QGJOB_JUNIT" <<'END'\n<testsuite name="s">${cases}</testsuite>\nEND\n`;
const failing =
  '<testcase name="adds up" file="tests/sum.ts" line="7"><failure message="expected 4, got 5"/></testcase>';

const lab = useLab({
  'tests/one.sh': 'echo one',
  'tests/sum.ts': '',
  'tests/two.sh': junit('<testcase name="works"/><testcase name="works too"/>'),
  'tests/fails.sh': `${junit(`<testcase name="fine"/>${failing}`)}exit 1`,
  'tests/plain-fail.sh': 'echo why it failed; exit 1',
  'tests/flaky.sh': 'test "$QGJOB_ATTEMPT" = 2',
  'tests/broken.sh': 'exit 75',
});

const errorsOf = (result: Awaited<ReturnType<typeof runMain>>) =>
  result.commands.filter((command) => command.name === 'error');

test('a step whose tests all pass succeeds, with its outputs, a summary and a report', async () => {
  const step = lab().step({ tests: 'tests/one.sh\ntests/two.sh' });
  const result = await runMain(step);
  expect(result.log).toContain('passed: tests/one.sh on emulator');
  expect(result.code).toBe(0);
  expect(errorsOf(result)).toEqual([]);
  const { outputs } = result;
  expect(outputs).toMatchObject({ status: 'passed', conclusion: 'success', total: '2', passed: '2' });
  expect(outputs).toMatchObject({
    failed: '0',
    errored: '0',
    flaky: '0',
    installs: '0',
    'installs-saved': '2',
  });
  expect(outputs['run-url']).toBe(`${lab().url}/v1/runs/${outputs['run-id']}`);
  expect(JSON.parse(outputs['job-ids'] ?? '')).toHaveLength(2);
  const { outputs: declared } = readActionYml(join(import.meta.dirname, '../../action.yml'));
  expect(Object.keys(outputs).sort()).toEqual(Object.keys(declared).sort());
  expect(outputs['duration-ms']).toMatch(/^\d+$/);
  expect(outputs['queue-ms']).toMatch(/^\d+$/);
  expect(result.summary).toContain('### qgjob: every test passed');
  expect(result.summary).toMatch(/\| passed \| tests\/two.sh \| emulator \| 2 \| 1 \|/);
  expect(await parseJunit(readFileSync(outputs['junit-path'] ?? '', 'utf8'))).toMatchObject({
    tests: [{ status: 'passed' }, { status: 'passed' }, { status: 'passed' }],
  });
  expect(await runPost(step, result)).toMatchObject({ code: 0, log: '' });
});

test('a failed test fails the step, with outputs, summary, report and annotation', async () => {
  const step = lab().step({ tests: 'tests/one.sh\ntests/fails.sh', 'retry-failed-tests': '0' });
  const result = await runMain(step);
  expect(result.code).toBe(1);
  expect(result.outputs).toMatchObject({ status: 'failed', conclusion: 'failure', passed: '1', failed: '1' });
  const [annotation, verdict] = errorsOf(result);
  expect(annotation).toMatchObject({
    properties: { file: 'tests/sum.ts', line: '7', title: 's › adds up on emulator' },
    data: 'expected 4, got 5',
  });
  expect(verdict?.data).toBe('1 of 2 jobs failed: tests/fails.sh on emulator');
  expect(result.summary).toMatch(/\| \*\*failed\*\* \| tests\/fails.sh \| emulator \| 1 of 2 \| 1 \|/);
  expect(result.summary).toContain('expected 4, got 5');
  expect(result.summary).toMatch(/failed: tests\/fails.sh on emulator, lab\/simulated-emulator-\d</);
  expect(result.summary).toMatch(/<a href="http:\S+\/v1\/jobs\/job_\S+\/logs">log<\/a>/);
  const report = join(result.outputs['report-path'] ?? '', 'run.json');
  expect(JSON.parse(readFileSync(report, 'utf8')).run.conclusion).toBe('failure');
  expect(result.log).not.toMatch(/^ +at /m);
  expect(await runPost(step, result)).toMatchObject({ code: 0, log: '' });
});

test('a failure without a report is annotated at the test file, under the repository folder of the checkout', async () => {
  const { workspace } = lab();
  const inputs = {
    ...{ tests: 'plain-fail.sh', 'working-directory': 'tests', 'retry-failed-tests': '0' },
    source: 'workspace',
  };
  const result = await runMain(lab().step(inputs, { workspace }));
  // The agent's workspace is the parent folder, so the agent does not find the file: no verdict, never green.
  expect(result.outputs).toMatchObject({ status: 'errored', conclusion: 'failure', errored: '1' });
  expect(errorsOf(result)[0]?.properties.file).toBe('tests/plain-fail.sh');
  expect(errorsOf(result)[1]?.data).toContain(
    'had no verdict, the agent refused the job: plain-fail.sh on emulator (',
  );
  expect(result.code).toBe(1);
});

test('a pass after a failed attempt is flaky: green, unless fail-on-flaky', async () => {
  const inputs = { tests: 'tests/flaky.sh', 'retry-failed-tests': '1' };
  const calm = await runMain(lab().step(inputs));
  expect(calm).toMatchObject({ code: 0, outputs: { conclusion: 'success', flaky: '1', passed: '1' } });
  expect(calm.summary).toMatch(/\| flaky \| tests\/flaky.sh \| emulator \| {2}\| 2 \|/);
  const strict = await runMain(lab().step({ ...inputs, 'fail-on-flaky': 'true' }));
  expect(strict).toMatchObject({ code: 1, outputs: { conclusion: 'failure', flaky: '1' } });
  expect(errorsOf(strict)[0]?.data).toContain('passed only after a failed attempt');
});

test('a job without a verdict is reported as a problem of the infrastructure', async () => {
  const result = await runMain(lab().step({ tests: 'tests/broken.sh', 'max-retries': '0' }));
  expect(result).toMatchObject({
    code: 1,
    outputs: { status: 'errored', conclusion: 'failure', errored: '1' },
  });
  expect(errorsOf(result).at(-1)?.data).toContain('a problem of the infrastructure and not of a test');
});

test('every test runs on every target', async () => {
  const result = await runMain(
    lab().step({ tests: 'tests/one.sh', target: 'emulator\nbrowserstack', 'timeout-minutes': '0.02' }),
  );
  expect(result.outputs).toMatchObject({ total: '2', status: 'timed_out', conclusion: 'failure' });
  expect(result.log).toContain('1 test file on emulator, browserstack');
});

test('a wait that times out fails the step, and the run goes on', async () => {
  const step = lab().step({ tests: 'tests/one.sh', target: 'device', 'timeout-minutes': '0.01' });
  const result = await runMain(step);
  expect(result.code).toBe(1);
  expect(errorsOf(result)[0]?.data).toMatch(/had no verdict within 600 ms; it goes on, see http/);
  expect(result.log).toMatch(/\nwaiting: number 1 in the queue; .*device/);
  await runPost(step, result);
  const run = await lab().client.call('getRun', { params: { id: result.outputs['run-id'] ?? '' } });
  expect(run).toMatchObject({ status: 'queued', counts: { queued: 1 } });
});

test('with wait off the step ends after the submit, and post cancels nothing', async () => {
  const step = lab().step({ tests: 'tests/one.sh', target: 'device', wait: 'false' });
  const result = await runMain(step);
  expect(result).toMatchObject({ code: 0, outputs: { status: 'queued', conclusion: '', total: '1' } });
  expect(result.summary).toContain('submitted, not waited for');
  expect(result.log).toContain('nothing will report the verdict to GitHub');
  expect(await runPost(step, result)).toMatchObject({ code: 0, log: '' });
  const run = await lab().client.call('getRun', { params: { id: result.outputs['run-id'] ?? '' } });
  expect(run.status).toBe('queued');
});

test('a dry run lists the matches and submits nothing, without a token', async () => {
  const before = await lab().client.call('listRuns');
  const inputs = { tests: 'tests/*.sh\n!tests/f*.sh', token: '', 'dry-run': 'true' };
  const result = await runMain(lab().step(inputs));
  expect(result).toMatchObject({ code: 0, outputs: { total: '4' } });
  expect(result.log).toContain('\ntests/plain-fail.sh\n');
  expect(result.log).not.toContain('flaky');
  expect(await lab().client.call('listRuns')).toEqual(before);
});

test('on a pull request the app version is the head commit', async () => {
  const head = '2222222222222222222222222222222222222222';
  const event = { name: 'pull_request', payload: { pull_request: { number: 7, head: { sha: head } } } };
  const result = await runMain(lab().step({ tests: 'tests/one.sh' }, { event, matrix: { os: 'linux' } }));
  const run = await lab().client.call('getRun', { params: { id: result.outputs['run-id'] ?? '' } });
  expect(run.app_version_id).toBe(head);
});

test('without a pull request the app version is the commit', async () => {
  const result = await runMain(lab().step({ tests: 'tests/one.sh' }));
  const run = await lab().client.call('getRun', { params: { id: result.outputs['run-id'] ?? '' } });
  expect(run.app_version_id).toBe(sha);
});
