import { beforeEach, describe, expect, test } from 'vitest';
import {
  addOrg,
  fetchRaw,
  type RawAnswer,
  startTestServer,
  type TestServer,
} from '../../test/support/server.ts';
import { expectRefusal, World } from '../../test/support/world.ts';

let server: TestServer;
let acme: World;

beforeEach(async () => {
  server = await startTestServer();
  acme = new World(server, await addOrg(server, 'acme'));
});

const body = { app_version_id: 'v1', tests: ['a.spec.ts'] };

describe('a submit', () => {
  const submit = (key: string, sent: unknown = body, token = acme.tokens.submit): Promise<RawAnswer> =>
    server.ask('submitRun', { token, body: sent, headers: { 'idempotency-key': key } });

  test('says everything about the run and its jobs at once', async () => {
    const { run, jobs } = await acme.submit({
      tests: ['a.spec.ts', 'b.spec.ts', 'a.spec.ts'],
      targets: ['emulator', 'device'],
      priority: 'high',
      metadata: { branch: 'main' },
    });
    expect(run).toMatchObject({
      status: 'queued',
      conclusion: null,
      counts: { queued: 4 },
      report_by: 'action',
    });
    expect(run.metadata).toEqual({ branch: 'main' });
    expect(run.url).toBe(`${server.url}/v1/runs/${run.run_id}`);
    expect(jobs.map((job) => `${job.target} ${job.test_path} ${job.priority} ${job.max_retries}`)).toEqual([
      'emulator a.spec.ts 8 3',
      'emulator b.spec.ts 8 3',
      'device a.spec.ts 8 3',
      'device b.spec.ts 8 3',
    ]);
  });

  test('with the same key and body is the same run, with another body a conflict', async () => {
    const first = await submit('key-1');
    const again = await submit('key-1', { tests: body.tests, app_version_id: 'v1' });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.json).toEqual(first.json);
    expectRefusal(await submit('key-1', { ...body, priority: 9 }), 409, 'conflict');
    const { runs } = await server.client.call('listRuns');
    expect(runs).toHaveLength(1);
  });

  test('with one key many times at once makes one run', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => submit('key-1')));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201]);
    expect(new Set(answers.map(({ json }) => json.run.run_id)).size).toBe(1);
  });

  test('with the key of another org has nothing to do with it', async () => {
    const rival = await addOrg(server, 'rival');
    const [one, other] = [await submit('key-1'), await submit('key-1', body, rival.submit)];
    expect([one.status, other.status]).toEqual([201, 201]);
    expect(one.json.run.run_id).not.toBe(other.json.run.run_id);
  });

  test('of the operator makes the org that it names', async () => {
    const { run } = await server.client.call('submitRun', { body: { ...body, org_id: 'newcomer' } });
    expect(run.org_id).toBe('newcomer');
    const { orgs } = await server.client.call('listOrgs');
    expect(orgs.map((org) => org.org_id)).toEqual(['acme', 'newcomer']);
  });

  test('that is refused by the operator makes no org', async () => {
    const sent = {
      ...body,
      org_id: 'newcomer',
      tests: Array.from({ length: 10_000 }, (_, index) => `${index}`),
      targets: ['emulator', 'device'],
    };
    expectRefusal(await server.ask('submitRun', { body: sent }), 400, 'invalid');
    expect((await server.client.call('listOrgs')).orgs).toHaveLength(1);
  });

  test('of 10 000 jobs is one answer', async () => {
    const tests = Array.from({ length: 10_000 }, (_, index) => `${index}.spec.ts`);
    const { run, jobs } = await acme.submit({ tests });
    expect(run.counts.queued).toBe(10_000);
    expect(jobs.map((job) => job.test_path)).toEqual(tests);
  });

  test('keeps any text that is text', async () => {
    const tests = ["o'brien/ä \u{1F600}.spec.ts", '-rf', '"; DROP TABLE jobs; --', '$(x) `y`'];
    const { run } = await acme.submit({ tests, metadata: { constructor: 'x', ключ: '\u2028' } });
    const { jobs, metadata } = await server.client.call('getRun', { params: { id: run.run_id } });
    expect(jobs.map((job) => job.test_path)).toEqual(tests);
    expect(metadata).toEqual({ constructor: 'x', ключ: '\u2028' });
  });
});

describe('a cancel', () => {
  test('ends what waits, and again changes nothing', async () => {
    const { run, jobs } = await acme.submit({ tests: ['a', 'b'] });
    const client = server.as(acme.tokens.submit);
    const one = await client.call('deleteJob', { params: { id: jobs[0]?.job_id ?? '' } });
    expect(one).toMatchObject({ status: 'cancelled', outcome: 'cancelled' });
    const ended = await client.call('cancelRun', { params: { id: run.run_id } });
    expect(ended).toMatchObject({ status: 'cancelled', conclusion: 'cancelled', counts: { cancelled: 2 } });
    expect(await client.call('cancelRun', { params: { id: run.run_id } })).toEqual(ended);
    expect(await client.call('cancelJob', { params: { id: one.job_id } })).toEqual(
      await client.call('getJob', { params: { id: one.job_id } }),
    );
  });
});

describe('a retry', () => {
  test('is a new run of the named jobs, once per key', async () => {
    const failed = [{ name: 'opens', status: 'failed' as const, duration_ms: 1, message: 'no' }];
    const job = await acme.finished({ verdict: 'error', error_class: 'rejected', tests: failed });
    const ask = () =>
      server.ask('retryRun', {
        params: { id: job.run_id },
        body: { only: 'failed' },
        headers: { 'idempotency-key': 'retry-1' },
      });
    const [first, again] = [await ask(), await ask()];
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(first.json.run).toMatchObject({ retry_of: job.run_id, org_id: 'acme' });
    expect(first.json.jobs).toMatchObject([{ test_path: job.test_path, target: job.target, attempt: 0 }]);
    expect(again.json).toEqual(first.json);
  });

  test('waits for the end of the run', async () => {
    const { run, jobs } = await acme.submit();
    const params = { id: run.run_id };
    expectRefusal(await server.ask('retryRun', { params }), 409, 'conflict');
    expectRefusal(await server.ask('retryJob', { params: { id: jobs[0]?.job_id ?? '' } }), 409, 'conflict');
  });

  test('of a run that passed has nothing to do', async () => {
    const job = await acme.finished();
    const input = { params: { id: job.run_id }, body: { only: 'failed' } };
    expectRefusal(await server.ask('retryRun', input), 400, 'invalid');
  });
});

describe('lists', () => {
  test('go through all pages, newest first, and miss nothing that was there', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 7; n += 1) ids.unshift((await acme.submit()).run.run_id);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await server.client.call('listRuns', { query: { limit: '3', ...(cursor && { cursor }) } });
      seen.push(...page.runs.map((run) => run.run_id));
      cursor = page.next_cursor ?? undefined;
      // A run that comes meanwhile stands before the first page and not in the middle.
      await acme.submit();
    } while (cursor);
    expect(seen).toEqual(ids);
  });

  test('of jobs go through all pages', async () => {
    const { jobs } = await acme.submit({ tests: ['a', 'b', 'c', 'd', 'e'] });
    const first = await server.client.call('listJobs', { query: { limit: '3' } });
    const query = { limit: '3', cursor: first.next_cursor ?? '' };
    const second = await server.client.call('listJobs', { query });
    expect([...first.jobs, ...second.jobs].map((job) => job.job_id)).toEqual(
      jobs.map((job) => job.job_id).reverse(),
    );
    expect(second.next_cursor).toBeNull();
    const skipped = await server.client.call('listJobs', { query: { offset: '4' } });
    expect(skipped.jobs.map((job) => job.test_path)).toEqual(['a']);
  });

  test('are narrowed by each filter', async () => {
    const passed = await acme.finished();
    await acme.submit({ app_version_id: 'v2', target: 'browserstack' });
    const list = async (query: object) => {
      const { jobs } = await server.as(acme.tokens.read).call('listJobs', { query });
      return jobs.map((job) => job.status);
    };
    expect(await list({})).toEqual(['queued', 'passed']);
    expect(await list({ status: 'passed' })).toEqual(['passed']);
    expect(await list({ status: 'completed' })).toEqual(['passed']);
    expect(await list({ app_version_id: 'v2' })).toEqual(['queued']);
    expect(await list({ target: 'browserstack' })).toEqual(['queued']);
    expect(await list({ run_id: passed.run_id })).toEqual(['passed']);
    expect(await list({ agent_id: passed.agent_id ?? '' })).toEqual(['passed']);
    expect(await list({ org_id: 'acme', status: 'failed' })).toEqual([]);
    expect(await list({ run_id: "' OR 1=1 --" })).toEqual([]);
  });
});

describe('the paths of the earlier systems', () => {
  const call = (method: string, path: string, sent?: unknown) =>
    fetchRaw(server.url + path, method, {
      token: acme.tokens.submit,
      ...(sent !== undefined && { body: sent }),
    });

  test.each(['/jobs', '/api/jobs'])('%s submits, lists, shows, cancels and retries jobs', async (base) => {
    const made = await call('POST', base, { app_version_id: 'v1', test_path: 'a.spec.ts', priority: 'low' });
    expect(made).toMatchObject({ status: 201, json: { status: 'queued', org_id: 'acme', priority: 2 } });
    const id = made.json.job_id;
    expect((await call('GET', `${base}?status=queued`)).json.jobs).toMatchObject([{ job_id: id }]);
    expect((await call('GET', `${base}/${id}`)).json).toEqual(made.json);
    expect(await call('DELETE', `${base}/${id}`)).toMatchObject({
      status: 200,
      json: { status: 'cancelled' },
    });
    const retried = await call('POST', `${base}/${id}/retry`);
    expect(retried).toMatchObject({ status: 201, json: { jobs: [{ test_path: 'a.spec.ts' }] } });
  });

  test('/api/jobs/stats, devices and groups are no ids of jobs', async () => {
    await acme.submit({ app_version_id: 'v7' });
    expect((await call('GET', '/api/jobs/stats')).json).toMatchObject({
      jobs: { queued: 1 },
      runs_active: 1,
    });
    expect((await call('GET', '/api/jobs/devices')).json).toEqual({ devices: [], next_cursor: null });
    expect((await call('GET', '/api/jobs/groups')).json.groups).toMatchObject([
      { org_id: 'acme', app_version_id: 'v7', target: 'emulator', queued: 1, running: 0 },
    ]);
  });

  test('need the same tokens', async () => {
    expectRefusal(await fetchRaw(`${server.url}/jobs`, 'GET', {}), 401, 'unauthorized');
    const answer = await fetchRaw(`${server.url}/jobs`, 'POST', { token: acme.tokens.read, body: {} });
    expectRefusal(answer, 403, 'forbidden');
  });
});
