// `npm run demo`: a real server, a real agent with two simulated devices, and the example shop in two versions. The
// second version has a regression; the demo succeeds only when exactly that is found.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createClient, waitForRun } from '../build/client/index.js';
import { formatDuration } from '../build/protocol/durations.js';
import { exitCodes } from '../build/protocol/exit-codes.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const examples = join(root, 'examples');
const cli = join(root, 'build/cli/main.js');
const expected = {
  v1: [],
  v2: ['an order of exactly 50.00 costs 10 % less', 'four mugs are an order of 45.00'],
};

const started = performance.now();
const dataDir = mkdtempSync(join(tmpdir(), 'qgjob-demo-'));
const children = [];
const say = (line = '') => console.log(line);
const passed = (job) => job.status === 'passed';

/** Runs a command of the CLI until the demo ends. Its stderr is shown when it fails. */
function start(args, options = {}) {
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const errors = [];
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  const end = new Promise((resolve) => child.once('close', resolve));
  children.push({ child, end });
  return { child, end, errors };
}

async function startServer() {
  const { child, end, errors } = start([
    'server',
    '--port',
    '0',
    '--data-dir',
    dataDir,
    '--log-level',
    'warn',
  ]);
  const line = new Promise((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
  const first = await Promise.race([line, end.then(() => undefined)]);
  if (first === undefined) throw new Error(`the server did not start:\n${errors.join('\n')}`);
  const { url } = JSON.parse(readFileSync(join(dataDir, 'server.json'), 'utf8'));
  say(`server    ${url}, database in ${dataDir}`);
  return createClient({ url, token: readFileSync(join(dataDir, 'admin.token'), 'utf8').trim() });
}

function startAgent(client) {
  const token = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();
  const env = { ...process.env, QGJOB_TOKEN: token };
  start(['agent', '--server-url', client.url, '--name', 'demo'], { cwd: examples, env });
  say('agent     demo, two simulated emulators: the framework runs for real, without a phone');
}

async function submit(client, version) {
  const tests = readdirSync(join(examples, 'tests')).filter((name) => name.endsWith('.spec.js'));
  const { run } = await client.call('submitRun', {
    body: {
      org_id: 'demo',
      app_version_id: version,
      target: 'emulator',
      tests: tests.map((name) => `tests/${name}`),
      // A retry of a failed test would run on the other device, which needs another install.
      retry_failed_tests: 0,
      source: { kind: 'workspace' },
    },
    idempotencyKey: crypto.randomUUID(),
  });
  say(`submitted ${version}: ${tests.length} tests, ${run.run_id}`);
  return run.run_id;
}

/** Follows a run and prints each change of its jobs. */
async function follow(client, version, runId) {
  const shown = new Map();
  return waitForRun(client, runId, {
    onChange: (_view, changed) => {
      for (const job of changed) {
        if (shown.get(job.job_id) === job.status || job.status === 'queued') continue;
        shown.set(job.job_id, job.status);
        say(progressLine(version, job));
      }
    },
    timeoutMs: 120_000,
  });
}

function progressLine(version, job) {
  const test = job.test_path.padEnd(26);
  if (job.status === 'scheduled') return `  ${version}  ${test} scheduled`;
  if (job.status === 'running') return `  ${version}  ${test} running`;
  return `  ${version}  ${test} ${passed(job) ? '✓ passed' : `✗ ${job.status}`}  ${formatDuration(job.duration_ms ?? 0)}`;
}

const failuresOf = ({ jobs }) =>
  [...jobs.values()].flatMap((job) => (job.tests ?? []).filter((test) => test.status === 'failed'));

function sayVerdict(version, view) {
  const { passed: good, failed, errored } = view.run.counts;
  say(`${version}: ${view.run.status}, ${good} passed, ${failed} failed, ${errored} errored`);
  for (const test of failuresOf(view)) {
    say(`  ✗ ${test.name}`);
    for (const line of (test.message ?? '').split('\n').filter(Boolean).slice(0, 2)) say(`      ${line}`);
  }
  for (const job of view.jobs.values())
    if (job.status === 'errored') say(`  ! ${job.test_path}: ${job.error}`);
}

/** True when exactly the failures of the examples were found. */
function isAsExpected(views) {
  return Object.entries(expected).every(([version, names]) => {
    const { run } = views[version];
    const found = failuresOf(views[version]).map((test) => test.name);
    const same =
      found.length === names.length && names.every((name) => found.some((one) => one.includes(name)));
    return same && run.status === (names.length === 0 ? 'passed' : 'failed') && run.counts.errored === 0;
  });
}

async function main() {
  const client = await startServer();
  const runs = { v1: await submit(client, 'v1'), v2: await submit(client, 'v2') };
  startAgent(client);
  say();
  const [v1, v2] = await Promise.all([follow(client, 'v1', runs.v1), follow(client, 'v2', runs.v2)]);
  say();
  sayVerdict('v1', v1);
  sayVerdict('v2', v2);
  say();
  const jobs = v1.jobs.size + v2.jobs.size;
  const installs = v1.run.installs + v2.run.installs;
  say(`${jobs} jobs, ${installs} installs (${v1.run.installs_saved + v2.run.installs_saved} saved)`);
  const good = isAsExpected({ v1, v2 });
  say(
    good
      ? `As expected: version 1 passes, and the regression of version 2 was found. ${formatDuration(performance.now() - started)}`
      : 'NOT as expected: see the verdicts above.',
  );
  return good ? exitCodes.success : exitCodes.failed;
}

async function stopAll() {
  for (const { child, end } of children.reverse()) {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 12_000);
    await end;
    clearTimeout(late);
  }
  rmSync(dataDir, { recursive: true, force: true });
}

process.once('SIGINT', () => stopAll().then(() => process.exit(exitCodes.interrupted)));
try {
  process.exitCode = await main();
} catch (error) {
  console.error(`demo: ${error.message}`);
  process.exitCode = exitCodes.failed;
} finally {
  await stopAll();
}
