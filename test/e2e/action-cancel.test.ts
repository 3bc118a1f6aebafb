import { expect, test } from 'vitest';
import { waitForRun } from '../../client/index.ts';
import { placeDoorman } from '../support/action-doorman.ts';
import { type Phase, runPost, startMain } from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';

const lab = useLab({ 'tests/slow.sh': 'exec sleep 300' });

/** The run that a step submitted, once its test runs. */
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

const verdictOf = async (id: string) => (await waitForRun(lab().client, id)).run.conclusion;

test('the first SIGINT cancels the run and fails the step; post asks again', async () => {
  const step = lab().step({ tests: 'tests/slow.sh' });
  const phase = startMain(step);
  const id = await running(phase);
  phase.child.kill('SIGINT');
  const result = await phase.done;
  expect(result).toMatchObject({
    code: 1,
    outputs: { 'run-id': id, status: 'cancelled', conclusion: 'cancelled' },
  });
  expect(result.log).toContain(`Asked the server to cancel run ${id}.`);
  expect(result.summary).toContain('the workflow was cancelled');
  expect(await verdictOf(id)).toBe('cancelled');
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
  expect(await verdictOf(id)).toBe('cancelled');
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

test('a server that goes away for a while costs the wait nothing', async () => {
  const door = await placeDoorman(lab().url);
  const phase = startMain(lab().step({ tests: 'tests/slow.sh', 'server-url': door.url }));
  const id = await running(phase);
  door.shut();
  await door.knocked();
  await lab().client.call('cancelRun', { params: { id } });
  await phase.logged(/trying again: the connection to/);
  door.open();
  expect(await phase.done).toMatchObject({
    code: 1,
    outputs: { status: 'cancelled', conclusion: 'cancelled' },
  });
});

test('a wait that the server ends is told as a problem of the infrastructure, with the run', async () => {
  const door = await placeDoorman(lab().url);
  const made = { name: 'short-lived', org_id: 'acme', scopes: ['submit' as const] };
  const { token, token_id: id } = await lab().client.call('createToken', { body: made });
  const step = lab().step({ tests: 'tests/slow.sh', 'server-url': door.url, token });
  const phase = startMain(step);
  const runId = await running(phase);
  door.shut();
  await door.knocked();
  await lab().client.call('deleteToken', { params: { id } });
  door.open();
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

test('a cancel that the server does not hear is over in time, and post warns', async () => {
  const door = await placeDoorman(lab().url);
  const step = lab().step({ tests: 'tests/slow.sh', 'server-url': door.url });
  const phase = startMain(step);
  const id = await running(phase);
  door.shut();
  await door.knocked();
  phase.child.kill('SIGINT');
  const result = await phase.done;
  expect(result).toMatchObject({ code: 1, signal: null });
  expect(result.log).toContain(`Run ${id} could not be cancelled: the connection to`);
  const post = await runPost(step, result);
  expect(post.code).toBe(0);
  expect(post.commands.map(({ name }) => name)).toEqual(['add-mask', 'warning']);
  await lab().client.call('cancelRun', { params: { id } });
});
