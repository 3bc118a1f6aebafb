import { errored, erroredBy, failed, passed, type TestedEnd } from './end.ts';

const junit = (cases: string) =>
  `cat > "$QGJOB_JUNIT" <<'END'\n<testsuite name="s">${cases}</testsuite>\nEND\n`;
const fine = '<testcase name="works"/>';
const wrong = '<testcase name="adds up"><failure message="expected 4, got 5"/></testcase>';
const skipped = '<testcase name="works"><skipped/></testcase>';
const infra = { ...errored, outcomes: ['infra_error'] } as const;
const report = { ...erroredBy('report'), outcomes: ['report_error'] } as const;
const playwright = { framework: 'playwright', max_retries: 0 } as const;

/** Ends that come from a test: its report, its exit code, its duration or its path. */
export const endsOfTests: readonly TestedEnd[] = [
  {
    ...{ name: 'passed', ...passed, outcomes: ['passed'] },
    files: { 'reported.sh': junit(fine), 'silent.sh': 'true' },
  },
  {
    ...{ name: 'flaky', ...passed, outcomes: ['flaky', 'passed'] },
    files: { 'first-fails.sh': 'test "$QGJOB_ATTEMPT" = 2', 'fine.sh': junit(fine) },
    body: { retry_failed_tests: 1 },
  },
  {
    ...{ name: 'flaky with fail_on_flaky', ...failed, outcomes: ['flaky'] },
    run: { status: 'failed', conclusion: 'failure', reason: 'flaky' },
    step: { ...failed.step, fails: /^1 of 1 job passed only after a failed attempt \(fail-on-flaky\): / },
    files: { 'first-fails.sh': 'test "$QGJOB_ATTEMPT" = 2' },
    body: { retry_failed_tests: 1, fail_on_flaky: true },
  },
  {
    ...{ name: 'failed', ...failed, outcomes: ['failed', 'passed'], because: /expected 4, got 5/ },
    files: { 'bad.sh': `${junit(fine + wrong)}exit 1`, 'good.sh': junit(fine) },
  },
  {
    ...{ name: 'failed beside an errored one', ...failed, outcomes: ['failed', 'infra_error'] },
    files: { 'bad.sh': 'exit 1', 'broken.sh': 'exit 75' },
  },
  {
    ...{ name: 'a failed test under an exit of 0', ...failed, outcomes: ['failed'] },
    because: /expected 4, got 5/,
    files: { 'a.sh': junit(fine + wrong) },
  },
  {
    ...{ name: 'an exit of 1 over a green report', ...failed, outcomes: ['failed'] },
    because: /no test in the report failed, but the command exited with 1/,
    files: { 'a.sh': `${junit(fine)}exit 1` },
  },
  {
    ...{ name: 'zero tests in a report', ...report, because: /no test ran: the report is empty/ },
    files: { 'a.sh': junit('') },
  },
  {
    ...{
      name: 'zero tests in a file of Playwright',
      ...report,
      because: /no test ran: [\s\S]*No tests found/,
    },
    files: { 'a.spec.ts': 'export const nothing = 0;' },
    body: playwright,
  },
  {
    ...{ name: 'nothing but skipped tests', ...report, because: /no test ran: its one test was skipped/ },
    files: { 'a.sh': junit(skipped) },
  },
  {
    ...{
      name: 'a lost report',
      ...infra,
      because: /the run ended before its file did; it was ended by SIGKILL/,
    },
    files: {
      'a.spec.ts': `import { test } from '@playwright/test';
        test('passes', () => {});
        test('takes the runner with it', () => process.kill(process.ppid, 'SIGKILL'));`,
    },
    body: playwright,
  },
  {
    ...{
      name: 'a truncated report',
      ...report,
      because: /the JUnit file cannot be believed: it ends inside/,
    },
    files: { 'a.sh': `printf '<testsuite name="s">${fine}<testcase name="wor' > "$QGJOB_JUNIT"` },
  },
  {
    ...{ name: 'an empty report', ...report, because: /the JUnit file / },
    files: { 'a.sh': ': > "$QGJOB_JUNIT"' },
  },
  {
    ...{ name: 'errored beside a passed one', ...infra, outcomes: ['infra_error', 'passed'] },
    because: /the command exited with 75/,
    files: { 'broken.sh': 'exit 75', 'fine.sh': junit(fine) },
  },
  {
    ...{ name: 'killed by a signal', ...infra, because: /ended by SIGKILL/ },
    files: { 'a.sh': `${junit(fine)}kill -9 $$` },
  },
  {
    ...{ name: 'timed out', ...errored, outcomes: ['timeout'], because: /^ran longer than 1\.0 s$/ },
    step: { ...errored.step, fails: /had no verdict, the test took longer than it may: / },
    files: { 'a.sh': `${junit(fine)}exec sleep 300` },
    body: { timeout_ms: 1000 },
  },
  {
    ...{
      name: 'a test that is not there',
      ...erroredBy('rejected'),
      outcomes: ['rejected'],
      because: /there is no test file/,
    },
    files: {},
    body: { tests: ['missing.sh'] },
  },
  {
    ...{
      name: 'a workspace at another commit',
      ...erroredBy('rejected'),
      outcomes: ['rejected'],
      because: /asks for commit a{40}/,
    },
    files: { 'a.sh': junit(fine) },
    body: { source: { kind: 'workspace', sha: 'a'.repeat(40) } },
  },
  {
    ...{ name: 'an app that will not install', ...erroredBy('app'), outcomes: ['install_failed'] },
    because: /the install exited with 1/,
    // More jobs than fit into two leases: the third failed install in a row ends the group.
    files: Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`test-${n}.sh`, 'true'])),
    body: { app_version_id: 'broken' },
  },
];
