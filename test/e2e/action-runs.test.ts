import { expect, onTestFinished, test } from 'vitest';
import { runMain, type StepOptions } from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';
import { startProxy } from '../support/proxy.ts';

const lab = useLab({ 'tests/one.sh': 'echo one' });

// Variables that the runner and act set. act is not installed here; its variables are from its documentation and
// source: the run id and the names are the same in each execution.
const variables: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'the same step, executed again by act': {
    ACT: 'true',
    GITHUB_RUN_ID: '1',
    GITHUB_ACTION: '0',
    GITHUB_JOB: 'e2e',
  },
  'two calls of one reusable workflow': {
    GITHUB_RUN_ID: '9001',
    GITHUB_JOB: 'app-tests',
    GITHUB_ACTION: '__org_qgjob-action',
  },
  'one composite action, used twice in a job': {
    ...{ GITHUB_RUN_ID: '9002', GITHUB_JOB: 'e2e', GITHUB_ACTION: '__org_qgjob-action' },
    GITHUB_ACTION_PATH: '/runner/_actions/org/composite/v1',
  },
};

test.each(Object.entries(variables))('%s: each execution is a run of its own', async (_, env) => {
  const step: StepOptions = { ...lab().step({ tests: 'tests/one.sh' }), env };
  const [first, second] = [await runMain(step), await runMain(step)];
  expect([first.code, second.code]).toEqual([0, 0]);
  expect(second.outputs['run-id']).not.toBe(first.outputs['run-id']);
  const other = await runMain({ ...step, inputs: { ...step.inputs, priority: 'high' } });
  expect(other).toMatchObject({ code: 0, outputs: { conclusion: 'success' } });
});

/** A proxy on which the first answers to a submit are lost: the server has the run, the client does not know it. */
async function loseAnswers(target: string, count: number): Promise<{ url: string; keys: string[] }> {
  const keys: string[] = [];
  const proxy = await startProxy(target, ({ route, headers }) => {
    if (route !== 'submitRun') return undefined;
    keys.push(String(headers['idempotency-key']));
    return keys.length <= count ? 'lost' : undefined;
  });
  onTestFinished(proxy.close);
  return { url: proxy.url, keys };
}

test('a submit that is sent again after a lost answer makes one run', async () => {
  const { url, keys } = await loseAnswers(lab().url, 2);
  const before = (await lab().client.call('listRuns')).runs.length;
  const result = await runMain(lab().step({ tests: 'tests/one.sh', 'server-url': url }));
  expect(result).toMatchObject({ code: 0, outputs: { conclusion: 'success' } });
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(1);
  expect((await lab().client.call('listRuns')).runs).toHaveLength(before + 1);
});
