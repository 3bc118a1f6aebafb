import { describe, expect, test } from 'vitest';
import { oneLine } from '../../../protocol/clean-text.ts';
import { hostile } from '../../../test/support/hostile.ts';
import { addOrg, startTestServer, type TestServer } from '../../../test/support/server.ts';
import { signIn } from '../../../test/support/web.ts';
import { World } from '../../../test/support/world.ts';

const limits = { keepFreeBytes: 0 };

async function openWorld() {
  const server: TestServer = await startTestServer({ artifactLimits: limits });
  return { server, acme: new World(server, await addOrg(server, 'acme')) };
}

/** A job that runs, with a log and a file. */
async function runningWithFile(acme: World, log: string, name: string, content: string) {
  const { lease, job } = await acme.running();
  const params = { id: lease.lease_id, job_id: job.job_id };
  const body = new TextEncoder().encode(log);
  await acme.of(lease).call('appendLogs', { params, query: { attempt: 1, offset: 0 }, body });
  const file = await acme.of(lease).call('uploadArtifact', {
    params: { ...params, name },
    query: { attempt: 1 },
    body: new Blob([content]),
  });
  return { lease, job, file, params };
}

describe('of another org', () => {
  test('no run, job, log, file or event is found', async () => {
    const { server, acme } = await openWorld();
    const { job, file } = await runningWithFile(acme, 'secret words', 'shot.png', 'secret picture');
    const { read, admin } = await addOrg(server, 'rival');
    const own = await signIn(server.url, acme.tokens.read);
    const paths = [
      `/ui/runs/${job.run_id}`,
      `/ui/jobs/${job.job_id}`,
      `/ui/jobs/${job.job_id}/log`,
      `/ui/jobs/${job.job_id}/log.txt`,
      `/ui/artifacts/${file.artifact_id}`,
      `/ui/events?run_id=${job.run_id}`,
      `/ui/events?job_id=${job.job_id}`,
    ];
    for (const path of paths.slice(0, 5)) expect((await own.get(path)).status, path).toBe(200);
    for (const token of [read, admin]) {
      const rival = await signIn(server.url, token);
      for (const path of paths) {
        const { status, text } = await rival.get(path);
        expect(status, path).toBe(404);
        expect(text).not.toMatch(/secret|acme/);
      }
      for (const page of ['/ui', '/ui/runs']) expect((await rival.get(page)).text).not.toContain(job.run_id);
      for (const action of [`/ui/runs/${job.run_id}/cancel`, `/ui/jobs/${job.job_id}/cancel`])
        expect((await rival.post(action)).status).toBe(admin === token ? 404 : 403);
    }
    expect((await server.client.call('getJob', { params: { id: job.job_id } })).status).toBe('running');
  });

  test('a reader sees no button that changes something, and none of the forms takes her', async () => {
    const { server, acme } = await openWorld();
    const { run, jobs } = await acme.submit();
    const reader = await signIn(server.url, acme.tokens.read);
    for (const path of [`/ui/runs/${run.run_id}`, `/ui/jobs/${jobs[0]?.job_id}`]) {
      expect((await reader.get(path)).text).not.toMatch(/action="[^"]*(cancel|retry)/);
      expect((await reader.post(`${path}/cancel`)).status).toBe(403);
    }
    const submitter = await signIn(server.url, acme.tokens.submit);
    expect((await submitter.post(`/ui/runs/${run.run_id}/cancel`)).location).toBe(`/ui/runs/${run.run_id}`);
    expect((await server.client.call('getRun', { params: { id: run.run_id } })).status).toBe('cancelled');
  });
});

describe('what a test says or leaves', () => {
  test.each(hostile.map((text) => text.replaceAll('\0', '')))('is text on every page: %j', async (text) => {
    const { server, acme } = await openWorld();
    const path = `t/${oneLine(text).replaceAll('\\', '')}`.slice(0, 500);
    const { run } = await acme.submit({
      tests: [path],
      metadata: { name: text.slice(0, 1000), [text.slice(0, 90)]: text },
      github: {
        ...{
          repository: text.slice(0, 200),
          repository_id: '1',
          sha: 'a'.repeat(40),
          ref: text,
          event_name: 'push',
        },
        ...{
          workflow: text,
          job: text.slice(0, 200),
          check_name: text.slice(0, 200),
          run_id: '1',
          run_attempt: 1,
        },
      },
      target: 'device/hostile',
      allow_no_device: true,
    });
    const { job, params, lease } = await runningWithFile(acme, `${text}\n`, 'a.txt', text);
    await acme.of(lease).call('finishJob', {
      params,
      body: {
        ...{ attempt: 1, verdict: 'failed', duration_ms: 1, error: text },
        tests: [{ name: text, file: text, status: 'failed', duration_ms: 1, message: text }],
        provider: {
          name: text.slice(0, 100),
          session_id: 'x',
          url: `javascript:alert('${text}')`.slice(0, 2000),
        },
      },
    });
    const visitor = await signIn(server.url, server.adminToken);
    const query = new URLSearchParams({ q: text });
    for (const page of [
      '/ui',
      '/ui/runs',
      `/ui/runs/${run.run_id}?${query}`,
      `/ui/runs/${job.run_id}`,
      `/ui/jobs/${job.job_id}?${query}`,
      `/ui/jobs/${job.job_id}/log`,
      `/ui/${encodeURIComponent(text)}`,
    ]) {
      const { text: html } = await visitor.get(page);
      expect(html).not.toMatch(/<(img|script|h1)[^>]*(onerror|alert|>alert|>all passed)/i);
      expect(html).not.toMatch(/href="javascript:/i);
      expect(html).not.toMatch(/<b>|<https|<!-- |<\/details><\/td>/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may be on a page
      expect(html).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202a-\u202e]/);
    }
  });

  test.each([
    ['page.html', 'application/octet-stream', 'attachment'],
    ['logo.svg', 'application/octet-stream', 'attachment'],
    ['run.js', 'application/octet-stream', 'attachment'],
    ['shot.png', 'image/png', 'inline'],
    ['video.webm', 'video/webm', 'inline'],
    ['trace.zip', 'application/zip', 'attachment'],
  ])('%s is served as %s, %s, and can run nothing', async (name, type, shown) => {
    const { server, acme } = await openWorld();
    const { file } = await runningWithFile(acme, '', name, '<script>alert(1)</script>');
    const visitor = await signIn(server.url, acme.tokens.read);
    const { status, headers } = await visitor.get(`/ui/artifacts/${file.artifact_id}`);
    expect([status, headers.get('content-type')]).toEqual([200, type]);
    expect(headers.get('content-disposition')).toMatch(new RegExp(`^${shown};`));
    expect(headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    const part = await visitor.get(`/ui/artifacts/${file.artifact_id}`, { range: 'bytes=0-6' });
    expect([part.status, part.text]).toEqual([206, '<script']);
  });
});

describe('of large runs and logs', () => {
  test('a page has at most 100 tests, those first that failed, and finds the others by their path', async () => {
    const { server, acme } = await openWorld();
    const fleet = await acme.fleet();
    const tests = Array.from({ length: 10_000 }, (_, n) => `tests/file-${n + 1}.spec.ts`);
    const { run } = await acme.submit({ tests, target: fleet.target, retry_failed_tests: 0 });
    const lease = await server.as(acme.tokens.agent).call('takeLease', { body: acme.poll(fleet) });
    const job = lease?.jobs.at(-1);
    if (!lease || !job) throw new Error('there was no lease');
    const params = { id: lease.lease_id, job_id: job.job_id };
    await acme.of(lease).call('startJob', { params, body: { attempt: 1 } });
    await acme
      .of(lease)
      .call('finishJob', { params, body: { attempt: 1, verdict: 'failed', duration_ms: 1 } });
    const visitor = await signIn(server.url, acme.tokens.read);
    const path = `/ui/runs/${run.run_id}`;
    const rowsOf = (html: string) => [...html.matchAll(/id="row-(job_\w+)"/g)].map(([, id]) => id);
    const first = await visitor.get(path);
    expect(rowsOf(first.text).length).toBe(100);
    expect(rowsOf(first.text)[0]).toBe(job.job_id);
    expect(first.text.length).toBeLessThan(200_000);
    const second = await visitor.get(`${path}?offset=100`);
    expect(rowsOf(second.text).filter((id) => rowsOf(first.text).includes(id))).toEqual([]);
    expect(rowsOf((await visitor.get(`${path}?q=FILE-9999.`)).text).length).toBe(1);
    expect(rowsOf((await visitor.get(`${path}?show=failed`)).text)).toEqual([job.job_id]);
    expect((await visitor.get(`${path}?show=nothing`)).status).toBe(400);
    expect((await visitor.get(`${path}?offset=-1`)).status).toBe(400);
  });

  test('of a log of ten megabytes a page shows the end, and reads no more than it shows', async () => {
    const { server, acme } = await openWorld();
    const { lease, job } = await acme.running();
    const params = { id: lease.lease_id, job_id: job.job_id };
    const line = `${'x'.repeat(99)}\n`;
    const chunk = new TextEncoder().encode(line.repeat(10_000));
    for (let n = 0; n < 10; n += 1)
      await acme
        .of(lease)
        .call('appendLogs', { params, query: { attempt: 1, offset: n * chunk.length }, body: chunk });
    const visitor = await signIn(server.url, acme.tokens.read);
    const page = await visitor.get(`/ui/jobs/${job.job_id}`);
    expect(page.text).toContain('id="L100000"');
    expect(page.text).not.toContain('id="L98000"');
    expect(page.text.length).toBeLessThan(500_000);
    const beginning = await visitor.get(`/ui/jobs/${job.job_id}?attempt=1&offset=0`);
    expect(beginning.text).toContain('id="L1"');
    expect((await visitor.get(`/ui/jobs/${job.job_id}/log.txt`)).text.length).toBe(10_000_000);
  });
});
