import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder, type RunningCli, runCli, startCli } from '../support/processes.ts';
import { openRelay } from '../support/relay.ts';

/** A server without an agent, so that nothing changes but by the test. */
async function startFarm() {
  const cwd = makeFolder({ 'tests/a.sh': '', 'tests/b.sh': '' });
  const [, url = ''] = await startCli(['server', '--port=0'], { cwd }).sees(/listening on (http:\S+)$/m);
  const relay = await openRelay(url);
  const token = readFileSync(join(cwd, '.qgjob/admin.token'), 'utf8').trim();
  const env = { QGJOB_SERVER_URL: relay.url, QGJOB_TOKEN: token };
  const submit = async (test: string): Promise<string[]> => {
    const flags = ['--org-id=acme', '--app-version-id=v1', '--source=workspace', '--allow-no-device'];
    const { stdout, stderr } = await runCli(['submit', ...flags, `--test=tests/${test}`], { cwd, env });
    if (stdout === '') throw new Error(stderr);
    return stdout.trimEnd().split('\n');
  };
  return {
    relay,
    submit,
    run: (...args: string[]) => runCli(args, { cwd, env }),
    watch: (...args: string[]): RunningCli =>
      startCli([...args, '--watch', '--interval=500ms'], { cwd, env }),
  };
}

test('without a terminal a list is printed anew when it has changed, until Ctrl-C', async () => {
  const { submit, watch } = await startFarm();
  const watching = watch('runs');
  await watching.sees(/no runs/);
  const [first = ''] = await submit('a.sh');
  await watching.sees(new RegExp(first));
  const [second = ''] = await submit('b.sh');
  await watching.sees(new RegExp(second));
  const { code, stdout } = await watching.stop('SIGINT');
  expect(code).toBe(130);
  const [nothing, one, two, ...more] = stdout.split(/^RUN .*\n/m);
  expect([nothing, one, two, more]).toEqual([
    '\n',
    expect.stringContaining(first),
    expect.stringContaining(second),
    [],
  ]);
});

test('with --json each change is one line', async () => {
  const { submit, run, watch } = await startFarm();
  const watching = watch('list', '--json');
  await watching.sees(/^\[\]$/m);
  const [, job = ''] = await submit('a.sh');
  await watching.sees(new RegExp(`"job_id":"${job}".*"status":"queued"`));
  await run('cancel', job);
  await watching.sees(/"status":"cancelled"/);
  const { code, stdout } = await watching.stop('SIGINT');
  expect(code).toBe(130);
  const seen = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(seen.map((jobs) => jobs[0]?.status)).toEqual([undefined, 'queued', 'cancelled']);
});

test('the status of a run ends with the run, and --exit-code says how', async () => {
  const { submit, run, watch } = await startFarm();
  const [runId = '', job = ''] = await submit('a.sh');
  const watching = [watch('status', runId), watch('status', job, '--exit-code')];
  for (const one of watching) await one.sees(/queued/);
  await run('cancel', runId);
  expect((await Promise.all(watching.map(({ ended }) => ended))).map(({ code }) => code)).toEqual([0, 1]);
  expect(await run('status', runId, '--watch')).toMatchObject({ code: 0 });
});

test('a server that is away is said once for each reason, and the watch goes on when it is back', async () => {
  const { relay, submit, watch } = await startFarm();
  const watching = watch('runs');
  await watching.sees(/no runs/);
  relay.close();
  await watching.sees(/trying again/);
  await relay.refused();
  relay.open();
  await watching.sees(/the server answers again/);
  const [first = ''] = await submit('a.sh');
  await watching.sees(new RegExp(first));
  const { stderr } = await watching.stop('SIGINT');
  const said = stderr.split('\n').filter((line) => line.includes('trying again'));
  expect(said).toEqual([...new Set(said)]);
});

test('what no other try would mend ends a watch', async () => {
  const { run, watch } = await startFarm();
  expect(await watch('status', 'job_none').ended).toMatchObject({ code: 3 });
  expect(await run('runs', '--interval=5s')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('add --watch'),
  });
  expect(await run('runs', '--watch', '--interval=1ms')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('at least 500ms'),
  });
});

test.each([
  ...[['groups'], ['devices'], ['agents'], ['metrics'], ['dead-letters']],
  ...[
    ['apps', '--org-id=acme'],
    ['tests', '--org-id=acme'],
  ],
])('%s can be watched', async (...args) => {
  const { submit, watch } = await startFarm();
  await submit('a.sh');
  const watching = watch(...args, '--json');
  await watching.sees(/^[[{].*[\]}]$/m);
  expect(await watching.stop('SIGINT')).toMatchObject({ code: 130, stderr: '' });
});
