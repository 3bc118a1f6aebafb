import { describe, expect, test } from 'vitest';
import { addOrg, startTestServer } from '../../test/support/server.ts';
import { signIn, Visitor } from '../../test/support/web.ts';
import { safeNext } from './session/safe-next.ts';

const hourMs = 3_600_000;

describe('the way in', () => {
  test('a browser at / gets the dashboard, which asks who is there', async () => {
    const { url } = await startTestServer();
    const stranger = new Visitor(url);
    const front = await stranger.get('/');
    expect([front.status, front.location]).toEqual([303, '/ui/sign-in']);
    const page = await stranger.get('/ui/runs?status=failed');
    expect([page.status, page.location]).toEqual([303, '/ui/sign-in?next=%2Fruns%3Fstatus%3Dfailed']);
    const form = await stranger.get(page.location ?? '');
    expect(form.status).toBe(200);
    expect(form.text).toContain('name="next" value="/runs?status=failed"');
    const health = await stranger.get('/', { accept: '*/*' });
    expect(JSON.parse(health.text).status).toBe('ok');
  });

  test('a token signs in and leads on to the page that was asked for; the cookie does not hold the token', async () => {
    const { url, adminToken } = await startTestServer();
    const visitor = new Visitor(url);
    const { status, location, headers } = await visitor.post('/ui/sign-in', {
      token: ` ${adminToken}\n`,
      next: '/devices',
    });
    expect([status, location]).toEqual([303, '/ui/devices']);
    expect(headers.get('set-cookie')).toMatch(/; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/);
    const secret = adminToken.split('_')[3] ?? '';
    expect(secret.length).toBeGreaterThan(60);
    expect(visitor.cookie).not.toContain(secret.slice(0, 16));
    expect((await visitor.get('/ui')).text).toContain('Sign out');
  });

  test('over https the cookie belongs to the host alone, also below a base path', async () => {
    const { url, adminToken } = await startTestServer({
      flags: { public_url: 'https://ci.example.com/qgjob' },
    });
    const visitor = new Visitor(url);
    const headers = { origin: 'https://ci.example.com' };
    const made = await visitor.post('/ui/sign-in', { token: adminToken }, headers);
    expect(made.location).toBe('/qgjob/ui');
    expect(made.headers.get('set-cookie')).toMatch(
      /^__Host-qgjob_[0-9a-f]{8}=ses_.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect((await visitor.get('/qgjob/ui')).text).toContain('href="/qgjob/ui/runs"');
  });

  test.each([
    ['', 'Give a token.'],
    ['hunter2', 'not valid here'],
    [`qgj_op_${'0'.repeat(24)}_${'0'.repeat(72)}`, 'not valid here'],
  ])('the token "%s" gets the form again, with what is wrong', async (token, words) => {
    const { url } = await startTestServer();
    const visitor = new Visitor(url);
    const { status, text } = await visitor.post('/ui/sign-in', { token, next: '/tests' });
    expect(status).toBe(401);
    expect(text).toContain(words);
    expect(text).toContain('name="next" value="/tests"');
    expect(visitor.cookie).toBe('');
  });

  test('the token of an agent does not sign in; those of people do', async () => {
    const server = await startTestServer();
    const tokens = await addOrg(server, 'acme');
    const agent = new Visitor(server.url);
    const { status, text } = await agent.post('/ui/sign-in', { token: tokens.agent });
    expect(status).toBe(401);
    expect(text).toContain('the token of an agent');
    for (const scope of ['read', 'submit', 'admin'] as const) {
      const visitor = await signIn(server.url, tokens[scope]);
      expect((await visitor.get('/ui')).status).toBe(200);
    }
  });

  test('a bearer token opens no page', async () => {
    const { url, adminToken } = await startTestServer();
    const bearer = { authorization: `Bearer ${adminToken}` };
    expect((await new Visitor(url).get('/ui', bearer)).location).toMatch(/^\/ui\/sign-in/);
    expect((await new Visitor(url).get('/ui', { ...bearer, accept: '*/*' })).status).toBe(401);
  });

  test.each([
    [undefined, '/'],
    ['/runs/run_1?q=a%20b&status=failed', '/runs/run_1?q=a%20b&status=failed'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['https://evil.example', '/'],
    ['javascript:alert(1)', '/'],
    ['/../docs', '/'],
    ['/%2e%2e/docs', '/'],
    ['/runs/.%2E/%2e./%2E%2e/docs', '/'],
    ['/%2e', '/'],
    ['/runs?q=../a', '/runs?q=../a'],
    ['/a\r\nset-cookie: x', '/'],
  ])('after the sign-in %j leads to %j', (next, path) => {
    expect(safeNext(next)).toBe(path);
  });
});

describe('a session ends', () => {
  test('with the sign-out', async () => {
    const { url, adminToken } = await startTestServer();
    const visitor = await signIn(url, adminToken);
    expect((await visitor.post('/ui/sign-out')).location).toBe('/ui/sign-in');
    expect((await visitor.get('/ui')).status).toBe(303);
  });

  test('at once where its token is revoked', async () => {
    const server = await startTestServer();
    await server.client.call('createOrg', { body: { org_id: 'acme' } });
    const body = { name: 'ann', org_id: 'acme', scopes: ['read' as const] };
    const { token, token_id: id } = await server.client.call('createToken', { body });
    const visitor = await signIn(server.url, token);
    expect((await visitor.get('/ui')).status).toBe(200);
    await server.client.call('deleteToken', { params: { id } });
    expect((await visitor.get('/ui')).status).toBe(303);
  });

  test('after twelve hours, and with its token before', async () => {
    let now = Date.now();
    const server = await startTestServer({ now: () => now });
    const visitor = await signIn(server.url, server.adminToken);
    now += 12 * hourMs - 1;
    expect((await visitor.get('/ui')).status).toBe(200);
    now += 1;
    expect((await visitor.get('/ui')).status).toBe(303);
    await server.client.call('createOrg', { body: { org_id: 'acme' } });
    const { token } = await server.client.call('createToken', {
      body: { name: 'ann', org_id: 'acme', scopes: ['read'], expires_in_days: 1 },
    });
    now += 20 * hourMs;
    const late = await signIn(server.url, token);
    now += 4 * hourMs;
    expect((await late.get('/ui')).status).toBe(303);
  });

  test('and a cookie that was changed is none', async () => {
    const { url, adminToken } = await startTestServer();
    const { cookie } = await signIn(url, adminToken);
    const [name = '', value = ''] = cookie.split('=');
    const [id, secret] = value.split('.');
    for (const changed of [
      `ses_${'0'.repeat(24)}.${secret}`,
      `${id}.${'0'.repeat(64)}`,
      `${id}.${secret?.slice(1)}`,
      `${id}.`,
      '',
    ])
      expect((await new Visitor(url, `${name}=${changed}`).get('/ui')).status).toBe(303);
  });
});

describe('a forged form', () => {
  const foreign: readonly Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ];

  test.each(foreign)('from %j changes nothing', async (headers) => {
    const { url, adminToken } = await startTestServer();
    const visitor = await signIn(url, adminToken);
    const refused = await visitor.post('/ui/sign-out', {}, headers);
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('nothing was changed');
    expect((await visitor.get('/ui')).status).toBe(200);
    expect((await new Visitor(url).post('/ui/sign-in', { token: adminToken }, headers)).status).toBe(403);
  });

  test('with the field of another session changes nothing', async () => {
    const { url, adminToken } = await startTestServer();
    const visitor = await signIn(url, adminToken);
    const csrf = await (await signIn(url, adminToken)).csrf();
    for (const field of [csrf, '', 'x'.repeat(64), '€'.repeat(64)])
      expect((await visitor.post('/ui/sign-out', { csrf: field })).status).toBe(403);
    expect((await visitor.get('/ui')).status).toBe(200);
  });
});

describe('every page', () => {
  test('lets a browser load nothing but files of the dashboard, and run nothing that stands in it', async () => {
    const { url, adminToken } = await startTestServer();
    const visitor = await signIn(url, adminToken);
    for (const path of ['/ui', '/ui/sign-in', '/ui/no-such-page', '/ui/sign-in?next=x']) {
      const { headers, text } = await visitor.get(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/^default-src 'none';/);
      expect(policy).toMatch(/frame-ancestors 'none'$/);
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('same-origin');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(text).not.toMatch(/ style="| on\w+="|<script(?! type="module" src=)/);
    }
  });

  test('that is none says so, with the id of the request', async () => {
    const { url, adminToken } = await startTestServer();
    const { status, headers, text } = await (await signIn(url, adminToken)).get('/ui/no-such-page');
    expect(status).toBe(404);
    expect(text).toContain('there is no page /ui/no-such-page');
    expect(text).toContain(headers.get('x-request-id'));
  });

  test('loads less than 100 kB at first, and a browser keeps its files', async () => {
    const { url } = await startTestServer();
    const stranger = new Visitor(url);
    const page = await stranger.get('/ui/sign-in');
    const files = [
      ...new Set(
        [...page.text.matchAll(/(?:href|src)="(\/ui\/assets\/[^"]+)"/g)].map(([, file]) => file ?? ''),
      ),
    ];
    expect(files.length).toBeGreaterThan(2);
    let bytes = page.text.length;
    for (const file of files) {
      const { headers, text } = await stranger.get(file);
      expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      bytes += text.length;
    }
    console.log(`the first view: ${bytes} bytes`);
    expect(bytes).toBeLessThan(100_000);
    const other = (files[0] ?? '').replace(/assets\/\w+/, 'assets/0123456789abcdef');
    expect((await stranger.get(other)).headers.get('cache-control')).toBe('no-store');
    expect((await stranger.get('/ui/assets/x/..%2f..%2fpackage.json')).status).toBe(404);
  });

  test('of another org than the token is refused, and an unknown run is not found', async () => {
    const server = await startTestServer();
    const acme = await addOrg(server, 'acme');
    await addOrg(server, 'rival');
    const visitor = await signIn(server.url, acme.admin);
    expect((await visitor.get('/ui?org=rival')).status).toBe(403);
    expect((await visitor.get('/ui?org=acme')).status).toBe(200);
    expect((await (await signIn(server.url, server.adminToken)).get('/ui?org=rival')).status).toBe(200);
  });
});
