import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { makeCounts, makeJob, makeRun } from '../../cli/test-support/answers.ts';
import { type Ended, makeFolder, runCli, startLab } from '../support/processes.ts';

// The scripts agree by a file in the folder of the agent.
const submit = [
  ...['submit', '--org-id=acme', '--app-version-id=v1', '--max-retries=0'],
  '--source=workspace',
];
const linesOf = ({ stdout }: Ended): string[] => stdout.trimEnd().split('\n').filter(Boolean);
const objectsOf = (ended: Ended) => linesOf(ended).map((line) => JSON.parse(line));

/** `bad` and `broken` fail until the file `fixed` exists. */
const files = {
  'good.sh': 'echo fine',
  'bad.sh': 'test -e fixed || { echo "expected 2, got 3"; exit 1; }',
  'broken.sh': 'test -e fixed || { echo "the phone is gone"; exit 75; }',
  'fix.sh': 'touch fixed',
};

test('a run is retried as a whole, by its failed jobs, or by one job', async () => {
  const { run } = await startLab(files);
  const first = await run(...submit, '--test=bad.sh,good.sh', '--wait', '--json');
  const [{ run: old, jobs }] = objectsOf(first);
  const [bad, good] = jobs.map((job: { job_id: string }) => job.job_id);
  expect(first.code).toBe(1);

  const whole = linesOf(await run('retry', old.run_id));
  expect(whole).toEqual([
    expect.stringMatching(/^run_/),
    ...[1, 2].map(() => expect.stringMatching(/^job_/)),
  ]);
  expect(objectsOf(await run('status', whole[0] ?? '', '--json'))).toMatchObject([{ retry_of: old.run_id }]);

  const failed = await run('retry', old.run_id, '--failed', '--wait', '--json');
  expect(failed.code).toBe(1);
  expect(objectsOf(failed)).toMatchObject([
    { run: { retry_of: old.run_id }, jobs: [{ test_path: 'bad.sh', max_retries: 0 }] },
    { test_path: 'bad.sh', status: 'failed' },
    { conclusion: 'failure' },
  ]);

  await run(...submit, '--test=fix.sh', '--wait');
  const again = await run('retry', `--job-id=${bad}`, '--wait');
  expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^passed +bad\.sh/m) });
  expect((await run('wait', whole[0] ?? '')).code).toBe(1);

  const { stderr: green } = await run('retry', good, '--failed');
  expect(green).toMatch(new RegExp(`^qgjob: job ${good} passed; nothing to retry \\(request [\\w-]+\\)\n$`));
  const [open = ''] = linesOf(await run(...submit, '--test=good.sh', '--target=device'));
  expect(await run('retry', open)).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/is not final yet/),
  });
});

test('dead letters are listed, shown and retried: one new run for each old run, and no job twice', async () => {
  const { run } = await startLab(files);
  const submitted = async (...flags: string[]) => {
    const [answer] = objectsOf(await run(...submit, ...flags, '--json'));
    expect((await run('wait', answer.run.run_id)).code).toBe(1);
    return answer;
  };
  const whole = await submitted('--test={bad,broken,good}.sh');
  const part = await submitted('--test=b*.sh');
  const expired = await submitted('--test=good.sh', '--target=browserstack', '--queue-timeout=1s');
  const idOf = (answer: { jobs: { test_path: string; job_id: string }[] }, path: string): string =>
    answer.jobs.find((job) => job.test_path === path)?.job_id ?? '';

  const list = await run('dead-letters', '--org-id=acme');
  expect(list.stdout).toMatch(/^JOB +ENDED AS +TEST +TARGET +ORG +APP VERSION +ENDED +ERROR\n/);
  expect(linesOf(list)).toHaveLength(6);
  expect(list.stdout).toMatch(/ failed +bad\.sh +emulator +acme .* expected 2, got 3$/m);
  expect(JSON.parse((await run('dead-letters', '--json', '--limit=2')).stdout)).toHaveLength(2);
  const nothing = { code: 0, stdout: '', stderr: 'no dead letters\n' };
  expect(await run('dead-letters', '--org-id=other')).toEqual(nothing);

  const brokenId = idOf(part, 'broken.sh');
  const { stdout: shown } = await run('dead-letters', 'show', brokenId);
  expect(shown).toContain(`${brokenId}  errored\n  test      broken.sh\n`);
  expect(shown).toMatch(
    /attempt 1 {2}infra_error .*\n {4}the command exited with 75:\n {4}the phone is gone\n/,
  );
  expect(shown).toMatch(/log of attempt 1:\n[\s\S]* {2}the phone is gone\n/);
  expect(shown).toContain(`\nqgjob dead-letters retry ${brokenId} `);
  const unused = { outcome: 'expired_in_queue', attempts: [], log_tail: [], taken_up: false };
  const expiredId = idOf(expired, 'good.sh');
  expect(objectsOf(await run('dead-letters', 'show', `--job-id=${expiredId}`, '--json'))).toMatchObject([
    unused,
  ]);
  const goodId = idOf(whole, 'good.sh');
  expect(await run('dead-letters', 'retry', brokenId, goodId)).toMatchObject({
    ...{ code: 3, stdout: '' },
    stderr: `qgjob: ${goodId} is passed, so it is no dead letter; \`qgjob retry ${goodId}\` runs any final job again\n`,
  });

  // A part of one run is retried first, so that `--all` may only retry the rest of it.
  await run(...submit, '--test=fix.sh', '--wait');
  const one = await run('dead-letters', 'retry', brokenId, '--wait');
  expect(one).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^1 dead letter taken up in 1 new run$/m),
  });
  expect(objectsOf(await run('dead-letters', 'show', brokenId, '--json'))).toMatchObject([
    { taken_up: true },
  ]);
  const all = await run('dead-letters', 'retry', '--all', '--org-id=acme');
  expect(all).toMatchObject({ code: 0, stderr: '4 dead letters taken up in 3 new runs\n' });
  const made = await Promise.all(linesOf(all).map((id) => run('status', id, '--verbose', '--json')));
  const again = made.map((ended) => objectsOf(ended)[0]);
  expect(
    again.map((now) => [now.retry_of, ...now.jobs.map((job: { test_path: string }) => job.test_path).sort()]),
  ).toEqual([
    [whole.run.run_id, 'bad.sh', 'broken.sh'],
    [part.run.run_id, 'bad.sh'],
    [expired.run.run_id, 'good.sh'],
  ]);
  const left = JSON.parse((await run('dead-letters', '--json')).stdout);
  const old = [whole, part, expired].map((answer) => answer.run.run_id);
  expect(left.filter((job: { run_id: string }) => old.includes(job.run_id))).toEqual([]);
});

test('a retry with a lost answer is sent again with the same key, and a refused retry does not stop the others', async () => {
  const calls: string[] = [];
  const answers: Record<string, object> = {
    'GET /v1/dead-letters': {
      jobs: [
        makeJob({ job_id: 'job_3', run_id: 'run_2', status: 'failed' }),
        makeJob({ job_id: 'job_2', status: 'errored' }),
        makeJob({ status: 'failed' }),
      ],
      next_cursor: null,
    },
    'GET /v1/runs/run_1': {
      ...makeRun({ counts: makeCounts({ passed: 4, failed: 1, errored: 1 }) }),
      jobs: [],
    },
    'GET /v1/runs/run_2': { ...makeRun({ counts: makeCounts({ failed: 2 }) }), jobs: [] },
    'POST /v1/runs/run_1/retry': { run: makeRun({ run_id: 'run_9' }), jobs: [] },
  };
  const url = await serve((request, response) => {
    const call = `${request.method} ${request.url?.split('?')[0]}`;
    calls.push(`${call} ${request.headers['idempotency-key'] ?? ''}`.trim());
    const isLost =
      call === 'POST /v1/runs/run_1/retry' && calls.filter((one) => one.startsWith(call)).length === 1;
    if (isLost) return void response.destroy();
    const answer = answers[call];
    const refusal = { error: { code: 'conflict', message: 'somebody was faster', request_id: 'r' } };
    response.writeHead(answer ? 200 : 409, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? refusal));
  });
  const flags = [`--server-url=${url}`, '--token=t'];
  const ended = await runCli(['dead-letters', 'retry', '--all', ...flags], { cwd: makeFolder({}) });
  expect(ended).toMatchObject({ code: 3, stdout: 'run_9\n' });
  expect(ended.stderr).toMatch(/^qgjob: somebody was faster$/m);
  expect(ended.stderr).toMatch(/^2 dead letters taken up in 1 new run$/m);
  const [first, again, other] = calls.filter((call) => call.startsWith('POST'));
  expect(first).toMatch(/^POST \/v1\/runs\/run_1\/retry [\w-]{36}:run_1$/);
  expect(again).toBe(first);
  expect(other).toMatch(/^POST \/v1\/jobs\/job_3\/retry [\w-]{36}:job_3$/);
});

/** Starts a server with these answers; returns its address. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.each<[number, string[], RegExp]>([
  [2, ['retry'], /^qgjob: no id given; [^\n]*\n$/],
  [2, ['retry', 'run_1', 'run_2'], /^qgjob: too many arguments [^\n]*\n$/],
  [2, ['retry', 'run_1', '--timeout=5m'], /^qgjob: --timeout is how long to wait; add --wait\n$/],
  [2, ['dead-letters', 'shwo'], /^qgjob: unexpected argument shwo; `qgjob dead-letters` knows [^\n]*\n$/],
  [
    2,
    ['dead-letters', 'job_1'],
    /^qgjob: unexpected argument job_1; `qgjob dead-letters show job_1` [^\n]*\n$/,
  ],
  [2, ['dead-letters', '--limt=3'], /^qgjob: unknown option '--limt'; did you mean --limit\?\n$/],
  [2, ['dead-letters', 'show', 'run_1'], /^qgjob: run_1 is a run; `qgjob status run_1` [^\n]*\n$/],
  [2, ['dead-letters', 'retry'], /^qgjob: no job given; name jobs, or give --all\n$/],
  [2, ['dead-letters', 'retry', 'job_1', '--all'], /^qgjob: name jobs or give --all, not both\n$/],
  [2, ['dead-letters', 'retry', 'job_1', '--org-id=acme'], /^qgjob: --org-id goes with --all; [^\n]*\n$/],
  [2, ['dead-letters', 'retry', 'run_1'], /^qgjob: run_1 is a run: `qgjob retry run_1 --failed` [^\n]*\n$/],
  [4, ['dead-letters', 'retry', '--all'], /^qgjob: no server found: [^\n]*\n$/],
  [0, ['dead-letters', '--help'], /^Usage: qgjob dead-letters [\s\S]* list [\s\S]* show [\s\S]* retry /],
  [0, ['dead-letters', 'retry', '--help'], /^Usage: qgjob dead-letters retry \[options\] \[jobs\.\.\.\]\n/],
])('exits with %i for %j', async (code, args, output) => {
  const ended = await runCli(args, { cwd: makeFolder({}) });
  expect(code === 0 ? ended.stdout : ended.stderr).toMatch(output);
  expect(ended.code).toBe(code);
});
