import { describe, expect, test } from 'vitest';
import type { SubmitAnswer } from '../../../protocol/shapes/run.ts';
import { addOrg, startTestServer } from '../../../test/support/server.ts';
import { signIn } from '../../../test/support/web.ts';
import { World } from '../../../test/support/world.ts';

async function open() {
  const server = await startTestServer();
  const acme = new World(server, await addOrg(server, 'acme'));
  const rival = new World(server, await addOrg(server, 'rival'));
  return { server, acme, rival };
}

/** A run of so many tests, each of which fails with this error. */
async function failRun(acme: World, tests: number, error = 'expected 1\nreceived 2'): Promise<SubmitAnswer> {
  const fleet = await acme.fleet();
  const names = Array.from({ length: tests }, (_, n) => `t${n}.spec.ts`);
  const body = { tests: names, target: fleet.target, retry_failed_tests: 0, max_retries: 0 };
  const submitted = await acme.submit(body);
  for (let left = tests; left > 0; ) {
    const lease = await acme.server.as(acme.tokens.agent).call('takeLease', { body: acme.poll(fleet) });
    if (!lease) throw new Error('there is no lease');
    const client = acme.of(lease);
    for (const { job_id } of lease.jobs) {
      const params = { id: lease.lease_id, job_id };
      await client.call('startJob', { params, body: { attempt: 1 } });
      const cases = [{ name: 'opens', status: 'failed' as const, duration_ms: 5 }];
      await client.call('finishJob', {
        params,
        body: { attempt: 1, verdict: 'failed', duration_ms: 5, error, tests: cases },
      });
    }
    left -= lease.jobs.length;
  }
  return submitted;
}

const rowsOf = (html: string): number => (html.match(/id="row-job_/g) ?? []).length;
const keyOf = (html: string, path: string): string =>
  new RegExp(`action="${path}[^"]*"[^>]*>.*?name="key" value="([^"]+)"`, 's').exec(html)?.[1] ?? '';

describe('the page of the dead letters', () => {
  test('lists what ended red, with the first line of its error, its run and its device', async () => {
    const { server, acme } = await open();
    const { run, jobs } = await failRun(acme, 1, '\n<script>alert(1)</script>\nat line 7');
    const { text } = await (await signIn(server.url, acme.tokens.read)).get('/ui/dead-letters');
    expect(rowsOf(text)).toBe(1);
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;</span>');
    expect(text).not.toContain('<script>');
    expect(text).toContain(`href="/ui/jobs/${jobs[0]?.job_id}"`);
    expect(text).toContain(`href="/ui/runs/${run.run_id}"`);
    expect(text).toMatch(/href="\/ui\/devices\/dev_[0-9a-f]{32}">one</);
    expect(text).not.toContain('/retry');
  });

  test('tries one test again, and a double click makes one run', async () => {
    const { server, acme } = await open();
    const { run, jobs } = await failRun(acme, 2);
    const visitor = await signIn(server.url, acme.tokens.submit);
    const path = `/ui/dead-letters/jobs/${jobs[0]?.job_id}/retry`;
    const { text } = await visitor.get('/ui/dead-letters');
    const key = keyOf(text, path);
    const once = await visitor.post(path, { key });
    const twice = await visitor.post(path, { key });
    expect(once.status).toBe(303);
    expect(twice.location).toBe(`${once.location}&again=1`);
    const told = await visitor.get(once.location ?? '');
    expect(told.text.replace(/<[^>]+>/g, '')).toContain(`tries 1 test again of run_…${run.run_id.slice(-8)}`);
    expect(rowsOf(told.text)).toBe(1);
    expect((await visitor.get(twice.location ?? '')).text).toContain('the form was sent twice');
    expect((await server.client.call('listRuns', {})).runs).toHaveLength(2);
  });

  test('tries all of a run again that failed', async () => {
    const { server, acme } = await open();
    const { run } = await failRun(acme, 3);
    const visitor = await signIn(server.url, acme.tokens.submit);
    const path = `/ui/dead-letters/runs/${run.run_id}/retry`;
    const key = keyOf((await visitor.get('/ui/dead-letters')).text, path);
    const { location } = await visitor.post(path, { key });
    const { text } = await visitor.get(location ?? '');
    expect(text).toContain('tries 3 tests again');
    expect(rowsOf(text)).toBe(0);
    expect(text).toContain('None: every test has passed, or was tried again.');
  });

  test('is of the own org alone, and for who may submit', async () => {
    const { server, acme, rival } = await open();
    const { run, jobs } = await failRun(acme, 1);
    const stranger = await signIn(server.url, rival.tokens.admin);
    expect(rowsOf((await stranger.get('/ui/dead-letters')).text)).toBe(0);
    const key = '0'.repeat(36);
    const paths = [
      `/ui/dead-letters/jobs/${jobs[0]?.job_id}/retry`,
      `/ui/dead-letters/runs/${run.run_id}/retry`,
    ];
    const reader = await signIn(server.url, acme.tokens.read);
    const own = await signIn(server.url, acme.tokens.submit);
    for (const path of paths) {
      expect((await stranger.post(path, { key })).status).toBe(404);
      expect((await reader.post(path, { key })).status).toBe(403);
      expect((await own.post(path, { key, csrf: '' })).status).toBe(403);
      expect((await own.post(path, { key: 'short' })).status).toBe(400);
    }
    expect((await stranger.get(`/ui/dead-letters?made=${run.run_id}`)).status).toBe(404);
    expect((await server.client.call('listRuns', {})).runs).toHaveLength(1);
    const operator = await signIn(server.url, server.adminToken);
    expect(rowsOf((await operator.get('/ui/dead-letters')).text)).toBe(1);
    expect(rowsOf((await operator.get('/ui/dead-letters?org=rival')).text)).toBe(0);
  });

  test('leads through many by cursors', async () => {
    const { server, acme } = await open();
    await failRun(acme, 60);
    const visitor = await signIn(server.url, acme.tokens.read);
    const first = await visitor.get('/ui/dead-letters');
    expect(rowsOf(first.text)).toBe(50);
    const [, next = ''] = /href="([^"]+)">\s*Next page/.exec(first.text) ?? [];
    const second = await visitor.get(next);
    expect(rowsOf(second.text)).toBe(10);
    expect(second.text).toContain('First page');
    expect((await visitor.get('/ui/dead-letters?cursor=1;drop')).status).toBe(400);
  });
});
