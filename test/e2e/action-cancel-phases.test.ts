import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { runOf, untilFree, untilSome } from '../support/action-ends.ts';
import { type Phase, runPost, type StepOptions, startMain } from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';
import { onGithub } from '../support/action-stage.ts';
import { badGateway } from '../support/github/fake-github.ts';
import { isNightly } from '../support/nightly.ts';
import { startProxy } from '../support/proxy.ts';

const folder = mkdtempSync(join(tmpdir(), 'qgjob-phases-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const slow = join(folder, 'slow-install');
const lab = useLab(
  {
    'tests/slow.sh': 'exec sleep 300',
    'tests/one.sh': 'echo one',
    'tests/fails.sh': 'echo why; exit 1',
  },
  () => ({}),
  // An install that goes on for ever where a file says so.
  { install: ['sh', '-c', `if test -e '${slow}'; then exec sleep 300; fi`] },
);

interface Row {
  readonly inputs: Readonly<Record<string, string>>;
  /** Resolves once the step is in this phase. */
  readonly reached: (phase: Phase, id: string) => Promise<unknown>;
}

const phases: Readonly<Record<string, Row>> = {
  'in the queue': {
    inputs: { tests: 'tests/slow.sh', target: 'device' },
    reached: (phase) => phase.logged(/waiting: number 1 in the queue/),
  },
  'in the install': {
    inputs: { tests: 'tests/slow.sh', 'app-version-id': 'slow-install' },
    reached: (phase, id) =>
      Promise.all([phase.logged(/installing on lab/), untilSome(lab(), id, 'scheduled')]),
  },
  'in the run': {
    inputs: { tests: 'tests/slow.sh' },
    reached: (_, id) => untilSome(lab(), id, 'running'),
  },
};
const table = Object.entries(phases).flatMap(([name, row]) =>
  (isNightly ? (['SIGINT', 'SIGKILL'] as const) : (['SIGINT'] as const)).map(
    (signal) => [signal, name, row] as const,
  ),
);

test.each(table)(
  '%s %s: the run is cancelled, its check too, and the device is free',
  async (signal, name, row) => {
    if (name === 'in the install') writeFileSync(slow, '');
    onTestFinished(() => rmSync(slow, { force: true }));
    const { github, step } = await onGithub(lab(), row.inputs);
    const phase = startMain(step);
    const id = await runOf(phase);
    await row.reached(phase, id);
    await expect.poll(() => github.checks.length).toBe(1);
    phase.child.kill(signal);
    const result = await phase.done;
    if (signal === 'SIGINT') {
      expect(result).toMatchObject({
        code: 1,
        stderr: '',
        outputs: { conclusion: 'cancelled', 'run-id': id },
      });
      expect(result.summary).toContain('the workflow was cancelled');
      // Without `post`.
      expect(await untilFree(lab(), id)).toMatchObject({ status: 'cancelled', conclusion: 'cancelled' });
    }
    const post = await runPost(step, result);
    expect(post).toMatchObject({ code: 0, stderr: '' });
    expect(await untilFree(lab(), id)).toMatchObject({ status: 'cancelled', conclusion: 'cancelled' });
    expect(github.checks).toMatchObject([{ status: 'completed', conclusion: 'cancelled' }]);
    expect(github.problems).toEqual([]);
  },
);

/** A step that gets SIGINT with its first call of this route (undefined: to look for its bundle), which is answered or lost. */
async function signalAt(
  route: 'submitRun' | undefined,
  how?: 'lost',
): Promise<{ step: StepOptions; version: string; phase: Phase }> {
  let phase: Phase | undefined;
  let isDone = false;
  const proxy = await startProxy(lab().url, (call) => {
    if (call.route !== route || isDone) return undefined;
    isDone = true;
    phase?.child.kill('SIGINT');
    return how;
  });
  onTestFinished(proxy.close);
  const version = crypto.randomUUID();
  const inputs = { tests: 'tests/slow.sh', 'server-url': proxy.url, 'app-version-id': version };
  const step = lab().step(inputs);
  phase = startMain(step);
  return { step, version, phase };
}

const runsOf = async (version: string) =>
  (await lab().client.call('listRuns', { query: { app_version_id: version } })).runs;

test('SIGINT before the submit: no run at all', async () => {
  const { step, version, phase } = await signalAt(undefined);
  const result = await phase.done;
  expect(result).toMatchObject({ code: 1, outputs: { status: 'cancelled', conclusion: 'cancelled' } });
  expect(result.log).toContain('the workflow was cancelled before the run was submitted');
  expect(await runPost(step, result)).toMatchObject({ code: 0, log: '' });
  expect(await runsOf(version)).toEqual([]);
});

test.each(
  (
    [
      ['is answered', undefined],
      ['has its answer lost', 'lost'],
    ] as const
  ).slice(isNightly ? 0 : 1),
)('SIGINT with the submit, which %s: the run that it made is cancelled', async (_, how) => {
  const { step, version, phase } = await signalAt('submitRun', how);
  const result = await phase.done;
  expect(result).toMatchObject({ code: 1, outputs: { status: 'cancelled', conclusion: 'cancelled' } });
  const [run, ...others] = await runsOf(version);
  expect(others).toEqual([]);
  expect(result.outputs['run-id']).toBe(run?.run_id);
  expect(await untilFree(lab(), run?.run_id ?? '')).toMatchObject({ conclusion: 'cancelled' });
  await runPost(step, result);
});

test.each((['SIGKILL', 'SIGINT'] as const).slice(isNightly ? 0 : 1))(
  '%s in the report: the verdict stays, and the check run has it',
  async (signal) => {
    const { github, step } = await onGithub(lab(), { tests: 'tests/fails.sh' });
    const phase = startMain(step);
    github.inject({
      on: 'checks/update',
      answer: badGateway,
      onHit: () => phase.child.kill(signal),
    });
    const result = await phase.done;
    expect(result.outputs).toMatchObject({ status: 'failed', conclusion: 'failure', failed: '1' });
    expect(result.summary).toContain('1 of 1 job failed');
    if (signal === 'SIGINT') expect(result).toMatchObject({ code: 1, stderr: '' });
    const post = await runPost(step, result);
    expect(post).toMatchObject({ code: 0, stderr: '' });
    expect(github.checks).toMatchObject([{ conclusion: 'failure', output: { title: '1 job: 1 failed' } }]);
    expect(await untilFree(lab(), result.outputs['run-id'] ?? '')).toMatchObject({ conclusion: 'failure' });
  },
);

/** A step whose server answers no more once it is asked for the evidence: with that it gets this signal. */
async function signalInEvidence(signal: NodeJS.Signals) {
  let phase: Phase | undefined;
  const proxy = await startProxy(lab().url, ({ route }) => {
    if (route !== 'listArtifacts') return undefined;
    phase?.child.kill(signal);
    return 'held';
  });
  onTestFinished(proxy.close);
  const inputs = { tests: 'tests/fails.sh', 'server-url': proxy.url };
  const { github, step } = await onGithub(lab(), inputs);
  phase = startMain(step);
  return { github, step, phase };
}

test('SIGINT while the evidence is read: the verdict is reported at once, without the evidence', async () => {
  const { github, step, phase } = await signalInEvidence('SIGINT');
  // A runner's second signal, later than a runner's but before the time for the evidence is over.
  const timer = setTimeout(() => phase.child.kill('SIGTERM'), 15_000);
  const result = await phase.done;
  clearTimeout(timer);
  expect(result).toMatchObject({
    ...{ code: 1, stderr: '' },
    outputs: { status: 'failed', conclusion: 'failure', failed: '1' },
  });
  expect(result.summary).toContain('1 of 1 job failed');
  expect(github.checks).toMatchObject([{ conclusion: 'failure', output: { title: '1 job: 1 failed' } }]);
  expect(await runPost(step, result)).toMatchObject({ code: 0, log: '' });
  expect(github.problems).toEqual([]);
});

test('SIGKILL while the evidence is read: the outputs have the verdict', async () => {
  const { phase } = await signalInEvidence('SIGKILL');
  const { outputs } = await phase.done;
  expect(outputs).toMatchObject({ status: 'failed', conclusion: 'failure', failed: '1' });
});
