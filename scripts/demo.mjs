// `npm run demo`: a real server, a real agent with two simulated devices, and the example shop in two versions. The
// second version has a regression; the demo succeeds only when exactly that is found. Where there is a browser, page tests
// run too. All tests come from a bundle of examples/, as in a pull request.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describeBundle } from '../build/client/bundle/describe-bundle.js';
import { packSource } from '../build/client/bundle/pack-source.js';
import { sendBundle } from '../build/client/bundle/send-bundle.js';
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

const orgId = 'demo';
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

async function startAgent(client) {
  const body = { name: 'demo', shared: true, scopes: ['agent'], agent_names: 'demo' };
  const { token } = await client.call('createToken', { body });
  const env = { ...process.env, QGJOB_TOKEN: token };
  start(['agent', '--server-url', client.url, '--name', 'demo'], { cwd: examples, env });
  say('agent     demo, two simulated emulators: the framework runs for real, without a phone');
}

const filesIn = (folder, ending) =>
  readdirSync(join(examples, folder))
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`);
const tests = filesIn('tests', '.spec.js');
const pages = filesIn('pages', '.spec.ts');

/** Packs and uploads examples/. */
async function sendSource(client) {
  const packed = await packSource({
    folder: examples,
    tests: [...tests, ...pages],
    git: { env: process.env },
  });
  try {
    await sendBundle(client, packed, { orgId });
    say(`source    ${packed.source.sha256.slice(0, 12)}: ${describeBundle(packed)}`);
    return packed.source;
  } finally {
    await packed.dispose();
  }
}

async function submit(client, more) {
  const { run } = await client.call('submitRun', {
    // A retry of a failed test would run on the other device, which needs another install.
    body: { org_id: orgId, target: 'emulator', retry_failed_tests: 0, ...more },
    idempotencyKey: crypto.randomUUID(),
  });
  say(`submitted ${more.app_version_id}: ${more.tests.length} tests, ${run.run_id}`);
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

/** Whether there is Debian's browser, or Playwright's own. */
async function hasBrowser() {
  const debian = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
  const named = process.env.PLAYWRIGHT_CHROMIUM;
  if ((named === undefined ? debian : [named]).some(existsSync)) return true;
  const { chromium } = await import('@playwright/test');
  return existsSync(chromium.executablePath());
}

/** Page tests of version 1. Their packages are installed by the lock file beside them. */
async function runPages(client, source) {
  if (!(await hasBrowser())) {
    say('pages: left out, there is no browser (npx playwright install chromium)');
    return true;
  }
  const runId = await submit(client, { app_version_id: 'v1', tests: pages, framework: 'playwright', source });
  const view = await follow(client, 'v1', runId);
  const shown = [...view.jobs.values()].flatMap((job) => job.tests ?? []);
  sayVerdict('pages', view);
  return view.run.status === 'passed' && shown.length > 0;
}

async function main() {
  const client = await startServer();
  const source = await sendSource(client);
  const runs = {};
  for (const version of ['v1', 'v2'])
    runs[version] = await submit(client, { app_version_id: version, tests, source });
  await startAgent(client);
  say();
  const [v1, v2] = await Promise.all([follow(client, 'v1', runs.v1), follow(client, 'v2', runs.v2)]);
  say();
  sayVerdict('v1', v1);
  sayVerdict('v2', v2);
  say();
  const jobs = v1.jobs.size + v2.jobs.size;
  const installs = v1.run.installs + v2.run.installs;
  say(`${jobs} jobs, ${installs} installs (${v1.run.installs_saved + v2.run.installs_saved} saved)`);
  say();
  const good = (await runPages(client, source)) && isAsExpected({ v1, v2 });
  say();
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
