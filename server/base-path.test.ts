import { expect, test } from 'vitest';
import { fetchRaw, startTestServer } from '../test/support/server.ts';

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const submit = (token: string) => ({
  token,
  body: { org_id: 'acme', app_version_id: 'v1', tests: ['a.spec.ts'] },
});

test('below a base path it answers whether a proxy takes the path off or not, and its links begin with it', async () => {
  const base = 'https://ci.example.com/qgjob';
  const { url, adminToken } = await startTestServer({ flags: { public_url: `${base}/` } });
  for (const prefix of ['', '/qgjob']) {
    const made = await fetchRaw(`${url}${prefix}/v1/runs`, 'POST', submit(adminToken));
    expect(made.status).toBe(201);
    const { run_id: id, url: link } = made.json.run;
    expect(link).toBe(`${base}/v1/runs/${id}`);
    expect(
      (await fetchRaw(`${url}${prefix}/v1/runs/${id}?wait_ms=0`, 'GET', bearer(adminToken))).json.run_id,
    ).toBe(id);
    const front = await fetchRaw(`${url}${prefix}/`, 'GET', { headers: { accept: 'text/html' } });
    expect([front.status, front.headers.get('location')]).toEqual([303, '/qgjob/ui/sign-in']);
    expect((await fetchRaw(`${url}${prefix}/openapi.json`, 'GET', {})).json.servers).toEqual([{ url: base }]);
    expect((await fetchRaw(`${url}${prefix}/docs`, 'GET', {})).text).toContain('href="openapi.json"');
    expect((await fetchRaw(`${url}${prefix}/v1/runs`, 'GET', {})).status).toBe(401);
  }
  expect((await fetchRaw(`${url}/qgjob`, 'GET', {})).json.status).toBe('ok');
  for (const other of ['/qgjobs/health', '/other/health', '/qgjob/qgjob/health']) {
    expect((await fetchRaw(`${url}${other}`, 'GET', {})).status).toBe(404);
  }
});

test('without one there is none', async () => {
  const { url } = await startTestServer();
  expect((await fetchRaw(`${url}/openapi.json`, 'GET', {})).json.servers).toEqual([{ url: '/' }]);
  expect((await fetchRaw(`${url}/qgjob/health`, 'GET', {})).status).toBe(404);
  expect(
    (await fetchRaw(`${url}/health`, 'GET', { headers: { origin: 'https://x.example' } })).headers.get(
      'access-control-allow-origin',
    ),
  ).toBeNull();
});
