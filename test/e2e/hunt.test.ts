import { expect, test } from 'vitest';
import { startLab } from '../support/processes.ts';

const flags = ['--org-id=acme', '--app-version-id=v1', '--source=workspace'];
/** Fails at every third call. */
const flaky =
  'echo x >> count; test $(($(wc -l < count) % 3)) -ne 0 || { echo "Error: expected 12, got 11"; exit 1; }';

test('a hunt says how often a test fails and how sure that is, and ends with 1; without a failure with 0', async () => {
  const { run } = await startLab({ 'tests/flaky.sh': flaky, 'tests/good.sh': 'true' });
  const failed = await run('hunt', 'tests/flaky.sh', '--times=9', ...flags);
  expect(failed.code).toBe(1);
  expect(failed.stdout).toMatch(/^hunt run_\w+ of tests\/flaky\.sh in /m);
  expect(failed.stdout).toMatch(/^\d of 9 failed: \d+ %, between \d+ and \d+ % at 95 %$/m);
  expect(failed.stdout).toContain('expected 12, got 11');
  expect(failed.stdout).not.toMatch(/^passed/m);
  const [runId = ''] = failed.stdout.split('\n');
  const again = await run('wait', runId, '--json');
  const last = JSON.parse(again.stdout.trimEnd().split('\n').at(-1) ?? '');
  expect(last).toMatchObject({ run_id: runId, status: 'failed', hunt: { times: 9, observed: 9 } });

  const good = await run('hunt', 'tests/good.sh', '--times=4', ...flags);
  expect(good.code).toBe(0);
  expect(good.stdout).toContain('0 of 4 failed: 0 %, between 0 and 61 % at 95 %');
});

test('until the first failure, and with its device held', async () => {
  const { run } = await startLab({ 'tests/bad.sh': 'exit 1' });
  const stopped = await run('hunt', 'tests/bad.sh', '--times=20', '--until-failure', '--hold=5m', ...flags);
  expect(stopped.code).toBe(1);
  expect(stopped.stdout).toMatch(/ of 20 did not run: it stopped at a failure$/m);
  expect(stopped.stderr).toMatch(/simulated-emulator-\d on rack is yours until/);
});

test.each([
  [['tests/none.sh'], 2, /--test: tests\/none\.sh is not on this disk/],
  [['tests/bad.sh', '--times=0'], 2, /--times: from 1 to 1000/],
  [[], 2, /missing required argument 'test'/],
])('hunt %j is refused', async (args, code, words) => {
  const { run } = await startLab({ 'tests/bad.sh': 'exit 1' });
  const refused = await run('hunt', ...args, '--org-id=acme', '--app-version-id=v1');
  expect(refused).toMatchObject({ code, stderr: expect.stringMatching(words) });
});
