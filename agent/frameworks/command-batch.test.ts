import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ChildEnd } from '../children/run-child.ts';
import type { JunitReport } from '../reports/read-junit.ts';
import { untilFile } from '../test-support/host.ts';
import { leasedJob, leaseOf } from '../test-support/leases.ts';
import { startTestAgent } from '../test-support/start-agent.ts';
import { verdictsOfBatch } from './command-batch.ts';

const exit = (code: number): ChildEnd => ({ code, signal: null, durationMs: 1 });
const killed: ChildEnd = { code: null, signal: 'SIGKILL', durationMs: 1 };
const report = (...cases: string[]): JunitReport => ({
  tests: cases.map((one) => {
    const [file = '', status] = one.split(' ');
    return { name: one, ...(file !== '-' && { file }), status: status as 'passed', duration_ms: 1 };
  }),
});

const cases: [what: string, end: ChildEnd, junit: JunitReport | undefined, a: string, b: string][] = [
  ['both passed', exit(0), report('a passed', './b passed'), 'passed', 'passed'],
  ['one failed, which explains the exit', exit(1), report('a failed', 'b passed'), 'failed', 'passed'],
  ['an exit that nothing explains', exit(1), report('a passed', 'b passed'), 'failed', 'failed'],
  ['one is not in the report', exit(0), report('a passed'), 'passed', 'error report_error'],
  [
    'a failure of no file',
    exit(1),
    report('a passed', 'b failed', '- failed'),
    'error report_error',
    'failed',
  ],
  ['a passed case of no file', exit(0), report('a passed', 'b passed', '- passed'), 'passed', 'passed'],
  ['no report', exit(0), undefined, 'error report_error', 'error report_error'],
  [
    'a report that is cut',
    exit(0),
    { ...report('a passed', 'b failed'), problem: 'cut' },
    'error report_error',
    'failed',
  ],
  ['a kill', killed, report('a passed', 'b failed'), 'error infra_error', 'failed'],
  ['all of one skipped', exit(0), report('a skipped', 'b passed'), 'error report_error', 'passed'],
];

test.each(cases)('%s', (_what, end, junit, a, b) => {
  const results = verdictsOfBatch(end, junit, ['a', 'b'], '');
  expect(results.map(([, one]) => [one.verdict, one.error_class].filter(Boolean).join(' '))).toEqual([a, b]);
});

const batch = {
  command: { test: ['sh', '{test}'], batch: ['sh', 'runner.sh', '{junit}', '{tests}'] },
};
/** Runs each file, and says what it did in one report. */
const runner = `junit=$1; shift; echo run >> runs; echo '<testsuites>' > $junit; code=0
for t in "$@"; do
  if sh "$t"; then f=''; else f='<failure message="no"/>'; code=1; fi
  echo "<testsuite name='$t'><testcase name='works' file='$t'>$f</testcase></testsuite>" >> $junit
done; echo '</testsuites>' >> $junit; exit $code`;

test('the files of a lease run in one process of the command, each with its own start, log and verdict', async () => {
  const { server } = await startTestAgent({
    files: { 'runner.sh': runner, 'a.sh': 'echo in a', 'b.sh': 'echo in b; exit 1', 'c.sh': 'exit 0' },
    frameworks: batch,
  });
  server.grant(leaseOf(['a.sh', 'b.sh', 'c.sh']));
  expect(await server.verdict('job_a_sh')).toMatchObject({ verdict: 'passed', tests: [{ file: 'a.sh' }] });
  expect(await server.verdict('job_b_sh')).toMatchObject({ verdict: 'failed', tests: [{ file: 'b.sh' }] });
  expect(await server.verdict('job_c_sh')).toMatchObject({ verdict: 'passed' });
  expect(server.callsOf('startJob')).toHaveLength(3);
  expect(server.logOf('job_c_sh')).toMatch(/in a\nin b\n\[qgjob\] passed/);
});

test('a lease of one job runs as without a batch', async () => {
  const { server, root } = await startTestAgent({
    files: { 'runner.sh': runner, 'a.sh': 'exit 0' },
    frameworks: batch,
  });
  server.grant(leaseOf(['a.sh']));
  expect(await server.verdict('job_a_sh')).toMatchObject({ verdict: 'passed' });
  expect(existsSync(join(root, 'runs'))).toBe(false);
});

test('one that is cancelled ends with the others; when all are, the process is stopped', async () => {
  const waits = 'touch ready; until [ -e go ]; do sleep 0.02; done';
  const { server, root } = await startTestAgent({
    files: { 'runner.sh': runner, 'a.sh': waits, 'b.sh': 'exit 0' },
    frameworks: batch,
  });
  server.grant(leaseOf(['a.sh', 'b.sh']));
  await untilFile(join(root, 'ready'));
  server.giveNews({ cancel: 'job_b_sh' });
  server.giveNews({ cancel: 'job_a_sh' });
  expect(await server.verdict('job_a_sh')).toMatchObject({ verdict: 'cancelled' });
  expect(await server.verdict('job_b_sh')).toMatchObject({ verdict: 'cancelled' });
});

test('a batch that runs longer than the limits of its jobs together is a time-out', async () => {
  const { server } = await startTestAgent({
    files: { 'runner.sh': runner, 'a.sh': 'while :; do sleep 0.02; done', 'b.sh': 'exit 0' },
    frameworks: batch,
  });
  const jobs = ['a.sh', 'b.sh'].map((path) => leasedJob(path, { timeout_ms: 100 }));
  server.grant(leaseOf(jobs));
  for (const id of ['job_a_sh', 'job_b_sh'])
    expect(await server.verdict(id)).toMatchObject({
      error_class: 'timeout',
      error: 'ran longer than 200 ms',
    });
});
