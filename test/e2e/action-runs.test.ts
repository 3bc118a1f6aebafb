import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { runMain, type StepOptions } from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';

const lab = useLab({ 'tests/one.sh': 'echo one' });

// What the runner and act set; act itself cannot be had here, so these are its variables as its documentation and
// source give them: a run id and names that are the same in each start.
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
    GITHUB_ACTION_PATH: '/home/runner/work/_actions/org/composite/v1',
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

/** A way to the server on which the first answers to a submit are lost: the server has it, nobody hears so. */
async function loseAnswers(target: string, count: number): Promise<{ url: string; keys: string[] }> {
  const keys: string[] = [];
  const proxy = createServer((incoming, outgoing) => {
    const isSubmit = incoming.method === 'POST' && incoming.url === '/v1/runs';
    if (isSubmit) keys.push(String(incoming.headers['idempotency-key']));
    const isLost = isSubmit && keys.length <= count;
    const options = { method: incoming.method, headers: incoming.headers };
    const onward = request(new URL(incoming.url ?? '/', target), options, (answer) => {
      if (isLost) answer.resume().once('end', () => incoming.socket.destroy());
      else answer.pipe(outgoing.writeHead(answer.statusCode ?? 500, answer.headers));
    });
    onward.on('error', () => incoming.socket.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, keys };
}

test('a submit that is sent again, its answer lost, is one run', async () => {
  const { url, keys } = await loseAnswers(lab().url, 2);
  const before = (await lab().client.call('listRuns')).runs.length;
  const result = await runMain(lab().step({ tests: 'tests/one.sh', 'server-url': url }));
  expect(result).toMatchObject({ code: 0, outputs: { conclusion: 'success' } });
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(1);
  expect((await lab().client.call('listRuns')).runs).toHaveLength(before + 1);
});
