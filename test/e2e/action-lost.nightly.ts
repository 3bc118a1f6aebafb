import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { waitForRun } from '../../client/index.ts';
import { runOf, untilFree, untilSome } from '../support/action-ends.ts';
import { runPost, startMain } from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';
import { startProxy } from '../support/proxy.ts';
import { openRelay } from '../support/relay.ts';

const lab = useLab({
  'tests/slow.sh': 'exec sleep 300',
  'tests/half-a-minute.sh': 'sleep 30',
  'tests/stubborn.sh': 'trap "" INT TERM HUP; while :; do sleep 0.2; done',
});

// Of docs/faults.md: what a run outlives its client by, in ms.
const goneWithinMs = 95_000;

/** The run is cancelled by the server alone, in time, and its devices are free as after any cancel. */
async function endsByItself(id: string): Promise<void> {
  const { run } = await waitForRun(lab().client, id, { timeoutMs: goneWithinMs });
  expect(run).toMatchObject({ status: 'cancelled', conclusion: 'cancelled' });
  await untilFree(lab(), id);
}

test('the run of a step that was killed, and whose post never ran, is cancelled by the server', async () => {
  const phase = startMain(lab().step({ tests: 'tests/slow.sh' }));
  const id = await runOf(phase);
  await untilSome(lab(), id, 'running');
  phase.child.kill('SIGKILL');
  await phase.done;
  await endsByItself(id);
});

test('so is a run of which its step never learned', async () => {
  const killed = Promise.withResolvers<void>();
  const proxy = await startProxy(lab().url, ({ route }) => {
    if (route !== 'submitRun') return undefined;
    phase.child.kill('SIGKILL');
    killed.resolve();
    return 'lost';
  });
  onTestFinished(proxy.close);
  const version = crypto.randomUUID();
  const inputs = { tests: 'tests/slow.sh', 'server-url': proxy.url, 'app-version-id': version };
  const step = lab().step(inputs);
  const phase = startMain(step);
  await killed.promise;
  const result = await phase.done;
  expect(await runPost(step, result)).toMatchObject({ code: 0, log: '' });
  const runs = async () => (await lab().client.call('listRuns', { query: { app_version_id: version } })).runs;
  await expect.poll(async () => (await runs()).length).toBe(1);
  await endsByItself((await runs())[0]?.run_id ?? '');
});

test('a test that ignores every signal is killed, and its device is free in time', async () => {
  const phase = startMain(lab().step({ tests: 'tests/stubborn.sh' }));
  const id = await runOf(phase);
  await untilSome(lab(), id, 'running');
  phase.child.kill('SIGINT');
  expect(await phase.done).toMatchObject({ code: 1, outputs: { conclusion: 'cancelled' } });
  expect(await untilFree(lab(), id)).toMatchObject({ conclusion: 'cancelled' });
});

test('a server that is away for a whole minute in the wait costs the step nothing', async () => {
  const relay = await openRelay(lab().url);
  const phase = startMain(lab().step({ tests: 'tests/half-a-minute.sh', 'server-url': relay.url }));
  const id = await runOf(phase);
  await untilSome(lab(), id, 'running');
  relay.close();
  await sleep(60_000);
  relay.open();
  const result = await phase.done;
  expect(result.log).toContain('trying again: the connection to');
  expect(result).toMatchObject({ code: 0, stderr: '', outputs: { conclusion: 'success', passed: '1' } });
});
