import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAgentClient } from '../../client/agent-client.ts';
import { waitForRun } from '../../client/index.ts';
import type { RouteName } from '../../protocol/routes.ts';
import { type ProxyAnswer, type ProxyRule, startProxy } from '../support/proxy.ts';
import { startRealAgent } from '../support/real-agent.ts';
import { newDataDir, openServer, type TestServer } from '../support/server.ts';

const folder = mkdtempSync(join(tmpdir(), 'qgjob-proxy-'));
let server: TestServer;
const ends: (() => unknown)[] = [];
let cases = 0;
beforeAll(async () => {
  server = await openServer(newDataDir(folder));
});
afterAll(async () => {
  await Promise.all(ends.map((end) => end()));
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const files = {
  'good.sh': 'echo good.sh >> starts; echo fine',
  'bad.sh': 'echo bad.sh >> starts; echo "<script>expected 2, got 3</script>"; exit 1',
};

/** Runs two tests by default, one of which fails; every call goes through a proxy with this rule. */
async function runThrough(rule: ProxyRule, given: Readonly<Record<string, string>> = files) {
  cases += 1;
  const name = `case-${cases}`;
  const target = `emulator/${name}`;
  const tests = Object.keys(given).filter((path) => path.endsWith('.sh'));
  const root = join(folder, name);
  const proxy = await startProxy(server.url, rule);
  const token = server.adminToken;
  const retries: string[] = [];
  const rules = { forMs: 15_000, firstDelayMs: 10, onRetry: (error: Error) => retries.push(error.message) };
  const client = createAgentClient({ url: proxy.url, token }, rules);
  const { run, jobs } = await client.call('submitRun', {
    body: {
      ...{ org_id: name, app_version_id: 'v1', tests, target },
      ...{ framework: 'command', source: { kind: 'workspace' }, max_retries: 0, retry_failed_tests: 0 },
      allow_no_device: true,
    },
    idempotencyKey: name,
  });
  const agent = startRealAgent({ url: proxy.url, token, target, root, files: given });
  ends.push(() => agent.stop().then(proxy.close));
  const seen = await waitForRun(client, run.run_id, {
    submitted: run,
    onRetry: (message) => retries.push(message),
  });
  const runs = await server.client.call('listRuns', { query: { org_id: name } });
  const jobEnds = await Promise.all(jobs.map((job) => readEnd(job.job_id)));
  const starts = readFileSync(join(root, 'starts'), 'utf8').trim().split('\n');
  return { seen, runs: runs.runs, ends: jobEnds, starts, proxy, retries, lines: agent.lines };
}

async function readEnd(jobId: string) {
  const job = await server.client.call('getJob', { params: { id: jobId } });
  const { attempts } = await server.client.call('listAttempts', { params: { id: jobId } });
  return { job, attempts: attempts.map(({ attempt, verdict }) => ({ attempt, verdict })) };
}

/** Each test ran once, with one verdict, as attempt 1; the run failed. */
function expectRightEnd({ seen, runs, ends, starts }: Awaited<ReturnType<typeof runThrough>>): void {
  const untouched = { attempt: 1, failures: 0, crashes: 0, releases: 0 };
  expect(ends).toMatchObject([
    { job: { ...untouched, status: 'passed' }, attempts: [{ attempt: 1, verdict: 'passed' }] },
    { job: { ...untouched, status: 'failed' }, attempts: [{ attempt: 1, verdict: 'failed' }] },
  ]);
  expect(ends.map(({ attempts }) => attempts.length)).toEqual([1, 1]);
  expect(starts.sort()).toEqual(['bad.sh', 'good.sh']);
  expect(runs).toHaveLength(1);
  expect(runs[0]).toMatchObject({ status: 'failed', conclusion: 'failure', installs: 1 });
  expect(seen.run).toMatchObject({ status: 'failed', conclusion: 'failure' });
}

const page = '<!doctype html><title>Something else</title>';
const aPage = 'with a page that is not qgjob\'s ("Something else")';
const answers: [what: string, page: ProxyAnswer, words: string][] = [
  ...[404, 403, 408, 499, 413, 502, 520, 401, 409].map((status): [string, ProxyAnswer, string] => [
    `${status} as a page`,
    { status, body: page },
    `answered ${status} ${aPage}`,
  ]),
  ['429 as a page', { status: 429, body: page, headers: { 'retry-after': '0' } }, `answered 429 ${aPage}`],
  [
    '301',
    { status: 301, headers: { location: 'https://sso.example.com/' } },
    'answered 301 and leads to https://sso.example.com/',
  ],
  ['200 with a page', { status: 200, body: page }, `answered 200 ${aPage}`],
  [
    '200 with other JSON',
    { status: 200, body: '{"ok":true}', headers: { 'content-type': 'application/json' } },
    "answered 200 with JSON that is not qgjob's",
  ],
  [
    '404 with other JSON',
    {
      status: 404,
      body: '{"error":{"code":"not_found","message":"no"}}',
      headers: { 'content-type': 'application/json' },
    },
    "answered 404 with JSON that is not qgjob's",
  ],
  ['nothing', { status: 200 }, 'answered 200 with nothing'],
];

const replacedRoutes: RouteName[] = [
  ...(['submitRun', 'getRun', 'registerAgent', 'heartbeat', 'takeLease'] as const),
  ...(['reportInstalled', 'startJob', 'appendLogs', 'finishJob'] as const),
];

/** Replaces the first answers of each route. */
function replaceFirst(answer: ProxyAnswer, times: number): ProxyRule {
  const left = new Map(replacedRoutes.map((route) => [route as RouteName | undefined, times]));
  return ({ route }) => {
    const more = left.get(route) ?? 0;
    left.set(route, more - 1);
    return more > 0 ? answer : undefined;
  };
}

type End = Awaited<ReturnType<typeof runThrough>>;

/** Runs all rules at once, since much of the time is waiting; each test then reads its own end. */
function useEnds(rules: readonly ProxyRule[]): (index: number) => Promise<End> {
  let all: PromiseSettledResult<End>[] = [];
  beforeAll(async () => {
    all = await Promise.allSettled(rules.map((rule) => runThrough(rule)));
  }, 240_000);
  return async (index) => {
    const end = all[index];
    if (end?.status !== 'fulfilled') throw end?.reason;
    return end.value;
  };
}

const numbered = answers.map(([what, , words], index) => [what, words, index] as const);

describe('the first two answers of every call come from a proxy', () => {
  const endOf = useEnds(answers.map(([, answer]) => replaceFirst(answer, 2)));

  test.each(numbered)('%s', async (_, words, index) => {
    const end = await endOf(index);
    expectRightEnd(end);
    for (const route of replacedRoutes) expect([route, end.proxy.answered.get(route)]).toEqual([route, 2]);
    expect(end.lines.join('\n')).toContain(words);
    expect(end.retries.join('\n')).toContain(words);
    expect(end.lines.join('\n')).not.toMatch(/registering again|took the lease back|refuses this agent/);
  });
});

describe('the first answer of every call is replaced after the server did the call', () => {
  // A heartbeat is a long poll; its answer comes too late to be replaced.
  const endOf = useEnds(
    answers.map(([, answer]) => {
      const rule = replaceFirst({ ...answer, isLate: true }, 1);
      return (call) => (call.route === 'heartbeat' ? undefined : rule(call));
    }),
  );

  test.each(numbered)('by %s', async (_, _words, index) => {
    const end = await endOf(index);
    expectRightEnd(end);
    expect(end.proxy.answered.get('finishJob')).toBe(1);
  });
});

describe('calls that a proxy always refuses', () => {
  const mebibyte: ProxyRule = ({ body }) =>
    body.length > 1024 * 1024 ? { status: 413, body: page } : undefined;
  const script: ProxyRule = ({ body }) =>
    body.includes('<script') ? { status: 403, body: page } : undefined;
  const endOf = useEnds([(call) => mebibyte(call) ?? script(call)]);

  test('a report of more than 1 MiB is sent in a smaller form, and every test of it is counted', async () => {
    const sizes: number[] = [];
    const rule: ProxyRule = (call) => {
      if (call.route === 'finishJob') sizes.push(call.body.length);
      return mebibyte(call);
    };
    const cases = Array.from(
      { length: 4000 },
      (_, n) =>
        `<testcase name="t${n} ${'x'.repeat(300)}">${n === 3999 ? '<failure message="no"/>' : ''}</testcase>`,
    );
    const { ends } = await runThrough(rule, {
      'good.sh': 'echo good.sh >> starts',
      'bad.sh': 'echo bad.sh >> starts; cp report.xml "$QGJOB_JUNIT"; exit 1',
      'report.xml': `<testsuite>${cases.join('')}</testsuite>`,
    });
    const [, bad] = ends;
    expect(bad).toMatchObject({ job: { status: 'failed', attempt: 1 }, attempts: [{ verdict: 'failed' }] });
    expect(bad?.job.tests?.[0]).toMatchObject({ name: expect.stringContaining('t3999'), status: 'failed' });
    const large = sizes.filter((size) => size > 1024 * 1024);
    expect(large).toHaveLength(1);
    expect(sizes).toHaveLength(3);
  });

  test('a limit of 1 MiB and a filter for <script: failed stays failed, as attempt 1', async () => {
    const end = await endOf(0);
    expectRightEnd(end);
    const [, bad] = end.ends;
    expect(bad?.job.error).toMatch(/did not get through/);
    expect(end.lines).toContain('bad.sh: its verdict was taken, but not all of its texts');
    const log = await server.client.call('readLogs', { params: { id: bad?.job.job_id ?? '' } });
    expect(new TextDecoder().decode(log)).toMatch(/were refused on the way to the server/);
  });
});
