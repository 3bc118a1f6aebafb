import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { commit, fail, openQuarantineLab, told } from '../../../test/support/quarantine-lab.ts';
import { openTestQueue, tempFolder } from '../../../test/support/queue.ts';
import { addOrg, newDataDir, startTestServer } from '../../../test/support/server.ts';
import { signIn, type Visitor } from '../../../test/support/web.ts';
import { World } from '../../../test/support/world.ts';
import { huntQuarantined, settleHunts } from '../../queue/hunts/index.ts';
import { openQueue } from '../../queue/open-queue.ts';

const patience = { timeout: 60_000, interval: 200 };
const dayMs = 86_400_000;

async function open() {
  const server = await startTestServer();
  const acme = new World(server, await addOrg(server, 'acme'));
  const rival = new World(server, await addOrg(server, 'rival'));
  return { server, acme, rival };
}

type Status = 'passed' | 'failed';

/** One job of a file that tells of one case, on a target of its own; the case passes or fails in each attempt as it is said. */
async function run(world: World, path: string, title: string, verdicts: readonly Status[]): Promise<void> {
  const fleet = await world.fleet();
  await world.submit({ tests: [path], target: fleet.target, retry_failed_tests: verdicts.length - 1 });
  for (const [index, verdict] of verdicts.entries()) {
    const lease = await world.server.as(world.tokens.agent).call('takeLease', { body: world.poll(fleet) });
    const [job] = lease?.jobs ?? [];
    if (!lease || !job) throw new Error('there is no lease');
    const params = { id: lease.lease_id, job_id: job.job_id };
    const attempt = index + 1;
    await world.of(lease).call('startJob', { params, body: { attempt } });
    const tests = [{ name: title, file: path, status: verdict, duration_ms: 4200 }];
    await world.of(lease).call('finishJob', {
      params,
      body: { attempt, verdict, duration_ms: 4200, tests, ...(verdict === 'failed' && { error: 'no' }) },
    });
  }
}

/** The page once the ledger knows of so many tests. */
async function listed(visitor: Visitor, path: string, tests: number): Promise<string> {
  return vi.waitFor(async () => {
    const { text } = await visitor.get(path);
    expect(text.match(/id="row-tst_/g) ?? []).toHaveLength(tests);
    return text;
  }, patience);
}

const textOf = (html: string): string => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
const idOf = (html: string): string => /href="\/ui\/tests\/(tst_[0-9a-f]{32})/.exec(html)?.[1] ?? '';

describe('the page of the tests', () => {
  test('lists what was flaky with its interval, and all by name and by time', async () => {
    const { server, acme, rival } = await open();
    await run(acme, 'a.spec.ts', 'pays <b>twice</b>', ['failed', 'passed']);
    await run(acme, 'b.spec.ts', 'signs in', ['passed']);
    const visitor = await signIn(server.url, acme.tokens.read);
    const named = await listed(visitor, '/ui/tests?sort=name', 2);
    expect(named).toContain('pays &lt;b&gt;twice&lt;/b&gt;');
    const flaky = textOf(await listed(visitor, '/ui/tests', 1));
    expect(flaky).toMatch(
      /pays &lt;b&gt;twice&lt;\/b&gt; a\.spec\.ts device\/pool-\d+ 100 % 2\.5 % to 100 % 1 4\.2 s/,
    );
    await listed(visitor, '/ui/tests?sort=slow', 2);
    await listed(visitor, '/ui/tests?sort=name&q=SIGNS', 1);
    await listed(visitor, '/ui/tests?sort=name&q=nothing', 0);
    await listed(visitor, '/ui/tests?sort=name&kind=file', 2);
    const stranger = await signIn(server.url, rival.tokens.read);
    expect((await stranger.get('/ui/tests?sort=name')).text).toContain('No test has run yet.');
    expect((await stranger.get(`/ui/tests/${idOf(named)}`)).status).toBe(404);
    for (const bad of ['sort=size', 'kind=dog', 'cursor=x'])
      expect((await visitor.get(`/ui/tests?${bad}`)).status).toBe(400);
  });

  test('asks the operator of which org', async () => {
    const { server } = await open();
    const operator = await signIn(server.url, server.adminToken);
    const { status, text } = await operator.get('/ui/tests');
    expect(status).toBe(200);
    expect(text).toContain('href="/ui/tests?org=rival"');
    expect((await operator.get('/ui/tests?org=rival')).text).toContain('flaky in the last 30 days');
  });
});

describe('the page of a test', () => {
  test('shows its days, its failures, and the same test on other targets', async () => {
    const { server, acme } = await open();
    await run(acme, 'a.spec.ts', 'pays', ['failed', 'passed']);
    await run(acme, 'a.spec.ts', 'pays', ['passed']);
    const visitor = await signIn(server.url, acme.tokens.read);
    await listed(visitor, '/ui/tests?sort=name', 2);
    const { text } = await visitor.get(`/ui/tests/${idOf(await listed(visitor, '/ui/tests', 1))}`);
    expect(textOf(text)).toMatch(/0 passed, 1 flaky, 0 failed/);
    expect(textOf(text)).toMatch(/device\/pool-\d+ \(this one\)/);
    expect(text.match(/href="\/ui\/tests\/tst_/g)).toHaveLength(1);
    expect(text).toMatch(/href="\/ui\/jobs\/job_/);
    expect(text).toContain('An admin of the org puts tests into quarantine.');
    expect((await visitor.get('/ui/tests/tst_x')).status).toBe(404);
  });

  test('puts it into quarantine for an admin, changes that and ends it', async () => {
    const { server, acme, rival } = await open();
    await run(acme, 'a.spec.ts', 'pays', ['failed', 'passed']);
    const admin = await signIn(server.url, acme.tokens.admin);
    const id = idOf(await listed(admin, '/ui/tests', 1));
    const path = `/ui/tests/${id}/quarantine`;
    const ends = new Date(Date.now() + 3 * dayMs).toISOString().slice(0, 16);
    const form = { owner: '@ann <i>', reason: 'the shop times out', ends_at: ends, lane: 'pull_request' };
    for (const [who, status] of [
      [acme.tokens.submit, 403],
      [rival.tokens.admin, 404],
    ] as const)
      expect((await (await signIn(server.url, who)).post(path, form)).status).toBe(status);
    for (const bad of [
      { csrf: '' },
      { owner: ' ' },
      { ends_at: 'soon' },
      { ends_at: '2020-01-01T00:00' },
      { lane: 'x' },
    ])
      expect(
        (await admin.post(path, { ...form, ...bad } as Record<string, string>)).status,
      ).toBeGreaterThanOrEqual(400);
    expect((await admin.get(`/ui/tests/${id}`)).text).toContain('Its failures count.');
    expect((await admin.post(path, form)).location).toBe(`/ui/tests/${id}#quarantine`);
    const { text } = await admin.get(`/ui/tests/${id}`);
    expect(textOf(text)).toContain('of the lane pull requests and all other runs');
    expect(text).toContain('@ann &lt;i&gt;');
    await admin.post(path, { ...form, owner: '@bob' });
    expect(textOf((await admin.get('/ui/tests')).text)).toMatch(/in quarantine, ends in 3 d : @bob/);
    const [, end = ''] = /action="(\/ui\/tests\/\w+\/quarantines\/\w+\/end)"/.exec(text) ?? [];
    expect((await (await signIn(server.url, rival.tokens.admin)).post(end)).status).toBe(404);
    expect((await admin.post(end)).status).toBe(303);
    expect((await admin.get(`/ui/tests/${id}`)).text).toContain('Its failures count.');
  });
});

test('what the hunt of a quarantined test found is on its page, on the page of that run, and in the API', async () => {
  const dataDir = newDataDir(tempFolder());
  const store = await openQueue(join(dataDir, 'qgjob.db'));
  const lab = await openQuarantineLab(await openTestQueue({}, store));
  await lab.play(commit('a'), told({ pays: 'failed' }));
  await lab.quarantine('pays');
  await huntQuarantined(lab.deps, dayMs, fail);
  const [hunt] = await lab.hunts();
  const hunted = async () => {
    const server = await startTestServer({ dataDir, now: lab.deps.now });
    const visitor = await signIn(server.url, server.adminToken);
    const { quarantines } = await server.client.call('listQuarantines', {});
    const page = textOf((await visitor.get(`/ui/tests/${quarantines[0]?.test_id}`)).text);
    const run = textOf((await visitor.get(`/ui/runs/${hunt?.run_id}`)).text);
    await server.close();
    return { page, run, quarantine: quarantines[0] };
  };
  await store.close();
  const before = await hunted();
  expect(before.page).toContain('It is hunted by itself now, on idle devices.');
  expect(before.run).toContain('A hunt that the server began by itself, of a test in quarantine');
  const again = await openQueue(join(dataDir, 'qgjob.db'));
  const later = await openQuarantineLab(await openTestQueue({}, again), 'later');
  later.queue.advance(lab.deps.now() - later.deps.now());
  await later.work(told({ pays: 'failed' }), told({ pays: 'passed' }));
  await settleHunts(later.deps, fail);
  await again.close();
  const { page, run, quarantine } = await hunted();
  expect(page).toMatch(
    /Hunted by itself .* : 1 of 20 failed: 5 %, between 0 and 25 % at 95 %. It is still flaky/,
  );
  expect(run).toContain('1 of 20 failed: 5 %');
  expect(quarantine).toMatchObject({
    hunt: { run_id: hunt?.run_id, observed: 20, failed: 1 },
    hunting_run_id: null,
  });
});
