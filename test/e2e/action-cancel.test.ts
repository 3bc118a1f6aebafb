import { expect, test } from 'vitest';
import { waitForRun } from '../../client/index.ts';
import { type Phase, runPost, startMain } from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';
import { openRelay } from '../support/relay.ts';

const lab = useLab({ 'tests/slow.sh': 'exec sleep 300' });

/** Waits until the test of the step runs; returns the run's id. */
async function running(phase: Phase): Promise<string> {
  const [, id = ''] = await phase.logged(/Run (run_\S+): http/);
  for (let rev = 0, run = ''; run !== 'running'; ) {
    const answer = await lab().client.call('getRun', {
      params: { id },
      query: { after_rev: rev, wait_ms: 20_000 },
    });
    [rev, run] = [answer.rev, answer.counts.running > 0 ? 'running' : ''];
  }
  return id;
}

const conclusionOf = async (id: string) => (await waitForRun(lab().client, id)).run.conclusion;

test('the first SIGINT cancels the run and fails the step; post cancels again', async () => {
  const step = lab().step({ tests: 'tests/slow.sh' });
  const phase = startMain(step);
  const id = await running(phase);
  await phase.logged(/\nrunning on lab\/simulated-emulator-\d/);
  phase.child.kill('SIGINT');
  const result = await phase.done;
  expect(result).toMatchObject({
    code: 1,
    outputs: { 'run-id': id, status: 'cancelled', conclusion: 'cancelled' },
  });
  expect(result.log).toContain(`Asked the server to cancel run ${id}.`);
  expect(result.summary).toContain('the workflow was cancelled');
  expect(await conclusionOf(id)).toBe('cancelled');
  const post = await runPost(step, result);
  expect(post).toMatchObject({ code: 0, stderr: '' });
  expect(post.log).toContain(`Run ${id} is cancelled`);
  expect(post.log.replace(`::add-mask::${lab().token}`, '')).not.toContain(lab().token);
});

test('post cancels the run of a step that was killed', async () => {
  const step = lab().step({ tests: 'tests/slow.sh' });
  const phase = startMain(step);
  const id = await running(phase);
  phase.child.kill('SIGKILL');
  const result = await phase.done;
  expect(result).toMatchObject({ code: null, outputs: { 'run-id': id } });
  await runPost(step, result);
  expect(await conclusionOf(id)).toBe('cancelled');
});

test('with on-cancel: detach the run goes on', async () => {
  const step = lab().step({ tests: 'tests/slow.sh', 'on-cancel': 'detach' });
  const phase = startMain(step);
  const id = await running(phase);
  phase.child.kill('SIGINT');
  const result = await phase.done;
  expect(result.code).toBe(1);
  expect(await runPost(step, result)).toMatchObject({ code: 0, log: '' });
  expect(await lab().client.call('getRun', { params: { id } })).toMatchObject({ status: 'running' });
  await lab().client.call('cancelRun', { params: { id } });
});

test('a wait goes on after the server was away for a while', async () => {
  const relay = await openRelay(lab().url);
  const phase = startMain(lab().step({ tests: 'tests/slow.sh', 'server-url': relay.url }));
  const id = await running(phase);
  relay.close();
  await relay.refused();
  await lab().client.call('cancelRun', { params: { id } });
  await phase.logged(/trying again: the connection to/);
  relay.open();
  expect(await phase.done).toMatchObject({
    code: 1,
    outputs: { status: 'cancelled', conclusion: 'cancelled' },
  });
});

test('a wait that the server refuses is reported as a problem of the infrastructure, with the run id', async () => {
  const relay = await openRelay(lab().url);
  const made = { name: 'short-lived', org_id: 'acme', scopes: ['submit' as const] };
  const { token, token_id: id } = await lab().client.call('createToken', { body: made });
  const step = lab().step({ tests: 'tests/slow.sh', 'server-url': relay.url, token });
  const phase = startMain(step);
  const runId = await running(phase);
  relay.close();
  await relay.refused();
  await lab().client.call('deleteToken', { params: { id } });
  relay.open();
  const result = await phase.done;
  expect(result).toMatchObject({
    code: 1,
    outputs: { status: 'errored', conclusion: 'failure', 'run-id': runId },
  });
  expect(result.log).toContain(
    `was lost sight of, a problem of the infrastructure: this token is not valid here`,
  );
  // Nobody waits for the run any more, so post tries to cancel it.
  const post = await runPost(step, result);
  expect(post.commands.at(-1)).toMatchObject({ name: 'warning' });
  await lab().client.call('cancelRun', { params: { id: runId } });
});

test('a cancel that does not reach the server ends in time, and post warns', async () => {
  const relay = await openRelay(lab().url);
  const step = lab().step({ tests: 'tests/slow.sh', 'server-url': relay.url });
  const phase = startMain(step);
  const id = await running(phase);
  relay.close();
  await relay.refused();
  phase.child.kill('SIGINT');
  const result = await phase.done;
  expect(result).toMatchObject({ code: 1, signal: null });
  expect(result.log).toContain(`Run ${id} could not be cancelled: the connection to`);
  const post = await runPost(step, result);
  expect(post.code).toBe(0);
  expect(post.commands.map(({ name }) => name)).toEqual(['add-mask', 'warning']);
  await lab().client.call('cancelRun', { params: { id } });
});
