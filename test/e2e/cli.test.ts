import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { settingShapes } from '../../server/config.ts';
import { type Ended, makeFolder, runCli, runShell, startCli, startLab } from '../support/processes.ts';

const submit = ['submit', '--org-id=acme', '--app-version-id=v1'];
const linesOf = (text: string): string[] => text.trimEnd().split('\n');
const objectsOf = ({ stdout }: Ended) => linesOf(stdout).map((line) => JSON.parse(line));

/** For tests whose scripts meet the test in the agent's own folder. */
const inWorkspace = '--source=workspace';

const lineLike = (pattern: RegExp | string) => expect.stringMatching(pattern);

test('a run that passes exits with 0, one that fails with 1; both can be read afterwards', async () => {
  const { run } = await startLab({
    'tests/good.sh': 'echo fine',
    'tests/other.sh': 'echo also fine',
    'tests/bad.sh': 'echo "expected 2, got 3"; exit 1',
  });

  const passed = await run(...submit, '--test=tests/{good,other}.sh', '--target=emulator', '--wait');
  expect(passed).toMatchObject({
    code: 0,
    stderr: lineLike(/^source [0-9a-f]{12}: 4 files, 1 KiB packed\n$/),
  });
  const [runId = '', ...rest] = linesOf(passed.stdout);
  expect(runId).toMatch(/^run_\w+$/);
  const [jobId = '', otherId = ''] = rest;
  expect([jobId, otherId]).toEqual([lineLike(/^job_\w+$/), lineLike(/^job_\w+$/)]);
  expect(rest.slice(2, 4).sort()).toEqual([
    lineLike(/^passed +tests\/good\.sh {2}emulator/),
    lineLike(/^passed +tests\/other\.sh {2}emulator/),
  ]);
  expect(rest.slice(4)).toEqual([
    '',
    lineLike(`^run ${runId} passed in `),
    lineLike(/^2 jobs, [12] installs?: 2 passed$/),
  ]);

  const failed = await run(
    ...submit,
    '--test=./tests/bad.sh,tests/good.sh',
    '--max-retries=0',
    '--wait',
    '--json',
  );
  expect(failed.code).toBe(1);
  const objects = objectsOf(failed);
  expect(objects).toHaveLength(4);
  const [answer, , , last] = objects;
  expect(answer).toMatchObject({ run: { status: 'queued' }, jobs: [{ priority: 5 }, { max_retries: 0 }] });
  expect(
    objects
      .slice(1, 3)
      .map((job) => job.status)
      .sort(),
  ).toEqual(['failed', 'passed']);
  expect(last).toMatchObject({ run_id: answer.run.run_id, status: 'failed', conclusion: 'failure' });

  for (const form of [jobId, `--job-id=${jobId}`, `--id=${jobId}`]) {
    expect(await run('status', form)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('tests/good.sh'),
    });
  }
  const badId = answer.jobs[0].job_id;
  const verbose = await run('status', badId, '--verbose', '--exit-code');
  expect(verbose).toMatchObject({ code: 1, stdout: lineLike(/attempt 1 {2}failed[\s\S]*expected 2, got 3/) });
  expect(objectsOf(await run('status', runId, '--json', '--exit-code'))).toMatchObject([
    { run_id: runId, status: 'passed' },
  ]);
  expect((await run('wait', jobId, `--job-id=${badId}`, '--timeout=600')).code).toBe(1);
  const explained = await run('explain', answer.run.run_id);
  expect(explained.stdout).toMatch(
    /^failed {2}tests\/bad\.sh {2}emulator[\s\S]*expected 2, got 3[\s\S]*qgjob logs job_/m,
  );
  expect(objectsOf(await run('explain', answer.run.run_id, '--json'))).toMatchObject([
    { status: 'failed', failures: [{ job_id: badId, test_path: 'tests/bad.sh' }], failures_left_out: 0 },
  ]);

  expect((await run('runs', '--status=failed')).stdout).toMatch(
    new RegExp(`^RUN .*\\n${answer.run.run_id} +failed +v1 +acme +20.* +1 passed, 1 failed\\n$`),
  );
  expect(objectsOf(await run('runs', '--org-id=acme', '--json'))[0]).toMatchObject([
    { run_id: answer.run.run_id },
    { run_id: runId, status: 'passed' },
  ]);

  const list = await run('list', '--org-id=acme', '--status=completed', '--format=json');
  expect(JSON.parse(list.stdout).map((job: { job_id: string }) => job.job_id)).toContain(jobId);
  expect((await run('list', `--run=${runId}`)).stdout).toMatch(
    /^JOB .*\n(job_\w+ +passed +tests\/\w+\.sh .*\n){2}$/,
  );
  expect((await run('logs', badId)).stdout).toContain('expected 2, got 3\n');
  expect(await run('cancel', runId)).toMatchObject({
    code: 0,
    stdout: `${runId}  was final already: passed\n`,
  });
});

test('a wait that times out exits with 5, an interrupted one with 130, and the run goes on until it is cancelled', async () => {
  const { cwd, run } = await startLab({ 'a.sh': '' });
  const submitted = await run(
    ...submit,
    inWorkspace,
    '--test=tests/none.sh',
    '--target=device',
    '--wait',
    '--timeout=100ms',
  );
  expect(submitted).toMatchObject({
    code: 5,
    stderr: lineLike(/not on this disk[\s\S]*timed out, but it goes on: 0 of 1 done/),
  });
  const [runId = '', jobId = ''] = linesOf(submitted.stdout);
  expect(await run('status', runId, '--exit-code')).toMatchObject({ code: 8, stdout: lineLike(/1 queued/) });
  expect((await run('wait', runId, jobId, '--timeout=0')).code).toBe(5);

  const waiting = startCli([...submit, '--test=a.sh', '--target=emulator,device', '--wait'], { cwd });
  const [other = ''] = await waiting.sees(/^run_\w+$/m);
  await waiting.sees(/^passed/m);
  expect(await waiting.stop('SIGINT')).toMatchObject({
    code: 130,
    stderr: lineLike(`come back with \`qgjob wait ${other}\`, stop it with \`qgjob cancel ${other}\``),
  });

  expect(await run('cancel', runId)).toMatchObject({ code: 0, stdout: `${runId}  cancelled\n` });
  const cancelled = lineLike(/1 job, 0 installs: 1 cancelled/);
  expect(await run('wait', runId)).toMatchObject({ code: 1, stdout: cancelled });
});

test('a log is followed while it grows, and a closed pipe is no error', async () => {
  const lab = await startLab({
    'grows.sh': 'mkfifo go && echo begun && read _ < go && echo done',
    'big.sh': 'head -c 300000 /dev/zero | tr "\\0" x',
  });
  const [, jobId = ''] = linesOf((await lab.run(...submit, inWorkspace, '--test=grows.sh')).stdout);
  const following = startCli(['logs', '-f', jobId], { cwd: lab.cwd });
  await following.sees(/^begun$/m);
  writeFileSync(join(lab.cwd, 'go'), '\n');
  expect(await following.ended).toMatchObject({
    code: 0,
    stderr: '',
    stdout: lineLike(/begun\ndone\n[\s\S]*passed/),
  });

  const big = await lab.run(...submit, '--test=big.sh', '--wait', '--json');
  const bigId = objectsOf(big)[0].jobs[0].job_id;
  const cut = await runShell('{ "$@"; echo "code $?" >&2; } | head -c 9', ['logs', bigId], { cwd: lab.cwd });
  expect(cut).toMatchObject({ stderr: 'code 0\n', stdout: lineLike(/^.{9}$/) });
});

test('SIGTERM ends server and agent with 0, and the address of the server is removed', async () => {
  const { cwd, server, agent, run } = await startLab({});
  expect(await run('server', '--port=0')).toMatchObject({
    code: 4,
    stderr: lineLike(/^qgjob: .*already runs/),
  });
  expect(existsSync(join(cwd, '.qgjob/server.json'))).toBe(true);
  expect((await agent.stop()).code).toBe(0);
  expect((await server.stop()).code).toBe(0);
  expect(existsSync(join(cwd, '.qgjob/server.json'))).toBe(false);
  expect(await run('list')).toMatchObject({
    code: 4,
    stderr: lineLike(/^qgjob: no server found: [^\n]*\n$/),
  });
});

test('dev runs server and agent in one process until SIGINT', async () => {
  const cwd = makeFolder({
    'qgjob.agent.json':
      '{"frameworks": {"default": "command", "command": {"install": ["true"], "test": ["sh", "{test}"]}}}',
    'tests/a.spec.sh': 'exit 0',
  });
  const dev = startCli(['dev', '--port', '0'], { cwd });
  await dev.sees(/ {2}qgjob (submit .*--test=tests\/a\.spec\.sh --wait)/);
  const targets = ['--target=emulator,device', '--target=browserstack'];
  const done = await runCli([...submit, '--test=tests/a.spec.sh', ...targets, '--wait'], { cwd });
  expect(done).toMatchObject({ code: 0, stdout: lineLike(/3 jobs, 3 installs: 3 passed/) });
  expect(await dev.stop('SIGINT')).toMatchObject({ code: 0 });
});

test.each<[number, string[], RegExp]>([
  [0, ['--version'], /^\d+\.\d+\.\d+\n$/],
  [0, ['help', 'submit'], /^Usage: qgjob submit/],
  [2, [], /^Usage: qgjob/],
  [2, ['satus'], /^qgjob: unknown command 'satus'; did you mean status\?\n$/],
  [2, ['list', '--sttus=queued'], /^qgjob: unknown option '--sttus'; did you mean --status\?\n$/],
  [2, ['list', '--status=done'], /^qgjob: --status=done: allowed choices are waiting, [^\n]*\n$/],
  [2, [...submit, 'tests/a.sh'], /^qgjob: unexpected argument tests\/a\.sh; [^\n]*--test=tests\/a\.sh\n$/],
  [2, [...submit, '--test=*.spec.ts'], /^qgjob: --test \*\.spec\.ts: matches no file in [^\n]*\n$/],
  [2, [...submit, '--test=a.sh', '--target=phone'], /^qgjob: unknown target "phone": use [^\n]*\n$/],
  [2, [...submit, '--test=a.sh', '--priority=11'], /^qgjob: priority "11" is not allowed: use [^\n]*\n$/],
  [
    2,
    [...submit, '--test=a.sh', '--test-timeout=x'],
    /^qgjob: --test-timeout=x: use a number with [^\n]*\n$/,
  ],
  [2, [...submit], /^qgjob: tests is empty: name at least one test file\n$/],
  [2, ['status', 'here'], /^qgjob: "here" is no id of a run or a job; [^\n]*\n$/],
  [4, ['status', 'run_1'], /^qgjob: no server found: [^\n]*\n$/],
  [3, ['status', 'run_1', '--server-url=https://qgjob.test'], /^qgjob: no token found: [^\n]*\n$/],
  [2, [...submit, '--test=b.sh'], /^qgjob: --test: b\.sh is not on this disk; check the path, [^\n]*\n$/],
  [0, [...submit, '--test=a.sh', '--dry-run'], /^a\.sh {2}\(default target\)\n$/],
  [
    0,
    [...submit, '--test=a.sh', '--dry-run', '--json'],
    /^\{.*"source":\{"kind":"bundle","sha256":"[0-9a-f]{64}"\},.*\}\n$/,
  ],
  [
    0,
    [...submit, '--test=b.sh', '--dry-run', '--json', inWorkspace],
    /^\{.*"source":\{"kind":"workspace"\},.*\}\n$/,
  ],
])('exits with %i for %j', async (code, args, output) => {
  const ended = await runCli(args, { cwd: makeFolder({ 'a.sh': '' }) });
  expect(code === 0 ? ended.stdout : ended.stderr).toMatch(output);
  expect(ended.code).toBe(code);
  if (code !== 0) expect(ended.stdout).toBe('');
});

test('every command has a help, and the server has a flag for each setting', async () => {
  const cwd = makeFolder({});
  const { stdout } = await runCli(['--help'], { cwd });
  const names = [...stdout.matchAll(/^ {2}([\w-]+) {2,}\w/gm)].map(([, name = '']) => name);
  expect(names).toEqual([
    ...[
      'dev',
      'server',
      'agent',
      'submit',
      'status',
      'wait',
      'watch',
      'open',
      'runs',
      'list',
      'logs',
      'artifacts',
      'repro',
      'report',
      'cancel',
      'hunt',
      'retry',
      'explain',
      'why',
      'devices',
      'agents',
      'groups',
      'dead-letters',
      'tests',
      'quarantine',
      'metrics',
      'apps',
      'login',
      'logout',
      'whoami',
      'init',
      'doctor',
      'backup',
      'restore',
      'orgs',
      'tokens',
      'audit',
      'mcp',
      'completion',
    ],
  ]);
  const helps = await Promise.all(names.map((name) => runCli([name, '--help'], { cwd })));
  for (const [index, help] of helps.entries()) {
    expect(help).toMatchObject({ code: 0, stderr: '', stdout: lineLike(`^Usage: qgjob ${names[index]} `) });
  }
  for (const name of Object.keys(settingShapes)) {
    expect(helps[1]?.stdout).toContain(`--${name.replaceAll('_', '-')} <value>`);
  }
});
