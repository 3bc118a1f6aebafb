import { describe, expect, test } from 'vitest';
import { addOrg, startTestServer } from '../../../test/support/server.ts';
import { signIn } from '../../../test/support/web.ts';

async function open() {
  const server = await startTestServer();
  const acme = await addOrg(server, 'acme');
  const rival = await addOrg(server, 'rival');
  const as = (token: string) => signIn(server.url, token);
  return { server, acme, rival, as };
}

const textOf = (html: string): string => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');

describe('the settings', () => {
  test('say who one is, what one may, and how the server is', async () => {
    const { server, acme, as } = await open();
    const reader = textOf((await (await as(acme.read)).get('/ui/settings')).text);
    expect(reader).toMatch(/Org acme You may see runs, tests, devices and logs It ends in 90 d/);
    expect(reader).toMatch(/Database takes writes/);
    expect(reader).toMatch(/rescuer (well|has not run yet)/);
    expect(reader).not.toMatch(/ Tokens | Webhooks /);
    const operator = textOf((await (await as(server.adminToken)).get('/ui/settings')).text);
    expect(operator).toContain('Org all: the operator');
    expect(operator).toMatch(/General Orgs Tokens Webhooks Audit log/);
  });

  test.each(['/ui/settings/tokens', '/ui/settings/webhooks', '/ui/settings/orgs/acme', '/ui/settings/orgs'])(
    '%s is for admins alone',
    async (path) => {
      const { acme, as } = await open();
      for (const token of [acme.read, acme.submit])
        expect((await (await as(token)).get(path)).status).toBe(403);
    },
  );
});

describe('orgs', () => {
  test('the operator lists and creates them, and sets weight and cap', async () => {
    const { server, as } = await open();
    const operator = await as(server.adminToken);
    const made = await operator.post('/ui/settings/orgs', {
      org_id: ' newcomer ',
      weight: '2.5',
      max_leases: '',
    });
    expect([made.status, made.location]).toEqual([303, '/ui/settings/orgs/newcomer']);
    expect((await operator.post('/ui/settings/orgs', { org_id: 'newcomer' })).status).toBe(409);
    const wrong: readonly Record<string, string>[] = [
      { org_id: '<b>' },
      { org_id: 'a', weight: 'much' },
      { org_id: 'a', max_leases: '-1' },
    ];
    for (const bad of wrong) expect((await operator.post('/ui/settings/orgs', bad)).status).toBe(400);
    await operator.post('/ui/settings/orgs/newcomer', { weight: '3', max_leases: '7' });
    expect(textOf((await operator.get('/ui/settings/orgs')).text)).toMatch(/newcomer active 3 7 now/);
    await operator.post('/ui/settings/orgs/newcomer', { weight: '3', max_leases: '' });
    const { orgs } = await server.client.call('listOrgs', {});
    expect(orgs.find(({ org_id: id }) => id === 'newcomer')).toMatchObject({ weight: 3, max_leases: null });
  });

  test('an admin pauses and resumes the own org, and nothing else of it', async () => {
    const { server, acme, as } = await open();
    const admin = await as(acme.admin);
    expect((await admin.get('/ui/settings/orgs')).status).toBe(403);
    expect((await admin.get('/ui/settings/orgs/rival')).status).toBe(404);
    const before = await admin.get('/ui/settings/orgs/acme');
    expect(before.text).not.toContain('name="weight"');
    await admin.post('/ui/settings/orgs/acme/targets', { paused_targets: 'emulator, device/pixel-8' });
    await admin.post('/ui/settings/orgs/acme/pause');
    const { text } = await admin.get('/ui/settings/orgs/acme');
    expect(text).toContain('action="/ui/settings/orgs/acme/resume"');
    expect(text).toContain('value="device/pixel-8, emulator"');
    await admin.post('/ui/settings/orgs/acme/resume');
    expect((await admin.post('/ui/settings/orgs/acme/targets', { paused_targets: 'toaster' })).status).toBe(
      400,
    );
    expect((await admin.post('/ui/settings/orgs/acme', { weight: '9' })).status).toBe(403);
    expect((await admin.post('/ui/settings/orgs', { org_id: 'mine' })).status).toBe(403);
    expect((await admin.post('/ui/settings/orgs/rival/pause')).status).toBe(404);
    expect((await admin.post('/ui/settings/orgs/acme/pause', { csrf: '' })).status).toBe(403);
    expect((await (await as(acme.submit)).post('/ui/settings/orgs/acme/pause')).status).toBe(403);
    const { orgs } = await server.client.call('listOrgs', {});
    expect(orgs).toMatchObject([
      { org_id: 'acme', paused: false, weight: 1, paused_targets: ['device/pixel-8', 'emulator'] },
      { org_id: 'rival', paused: false },
    ]);
  });

  test('show the repositories that are bound to them', async () => {
    const { server, acme, as } = await open();
    const admin = await as(acme.admin);
    expect((await admin.get('/ui/settings/orgs/acme')).text).toContain('no workflow of GitHub signs in');
    await server.client.call('setGithub', {
      params: { id: 'acme' },
      body: [{ repository_owner_id: '4711', repository_id: '88', refs: ['refs/heads/main'] }],
    });
    const { text } = await admin.get('/ui/settings/orgs/acme');
    expect(textOf(text)).toMatch(
      /88 of the owner 4711 those that need write access refs\/heads\/main submit/,
    );
  });
});

describe('tokens', () => {
  const form = { name: 'ci', scope: 'submit', days: '30' };

  test('one is made, shown once, and works', async () => {
    const { server, acme, as } = await open();
    const admin = await as(acme.admin);
    const made = await admin.post('/ui/settings/tokens', form);
    expect([made.status, made.location]).toEqual([200, undefined]);
    expect(made.headers.get('cache-control')).toBe('no-store');
    const [, token = ''] = /id="new-token">(qgj_sub_\w+)</.exec(made.text) ?? [];
    expect((await server.ask('listRuns', { token })).status).toBe(200);
    const list = await admin.get('/ui/settings/tokens');
    expect(list.text).not.toContain(token);
    expect(textOf(list.text)).toMatch(/ci [0-9a-f]{24} submit .* in 30 d Revoke ci/);
    expect(server.log.join('\n')).not.toContain(token.split('_')[3]);
  });

  test('a form that is wrong comes back as it was, with what is wrong', async () => {
    const { server, acme, as } = await open();
    const admin = await as(acme.admin);
    const wrong: readonly [Record<string, string>, RegExp][] = [
      [{ name: '"><script>' }, /name: a name must be/],
      [{ days: '0' }, /expires_in_days/],
      [{ days: 'soon' }, /is no number/],
      [{ scope: 'operator' }, /scopes/],
      [{ agent_names: 'rack-*' }, /only a token with the scope agent/],
      [{ org_id: 'rival' }, /not for org rival/],
    ];
    for (const [change, words] of wrong) {
      const { text } = await admin.post('/ui/settings/tokens', { ...form, ...change });
      expect(text).toMatch(words);
      expect(text).not.toMatch(/<script>|new-token/);
    }
    const { tokens } = await server.as(acme.admin).call('listTokens', {});
    expect(tokens).toHaveLength(4);
  });

  test('the operator makes them for any org, and shared ones', async () => {
    const { server, as } = await open();
    const operator = await as(server.adminToken);
    for (const [org, scope] of [
      ['rival', 'admin'],
      ['', 'agent'],
    ] as const)
      expect((await operator.post('/ui/settings/tokens', { ...form, org_id: org, scope })).text).toContain(
        'new-token',
      );
    expect((await operator.post('/ui/settings/tokens', form)).text).toContain(
      'a shared token has the scope agent',
    );
    const { text } = await operator.get('/ui/settings/tokens?org=rival');
    expect(text.match(/class="strong">ci</g)).toHaveLength(1);
  });

  test('one is revoked after a question that needs no script', async () => {
    const { server, acme, as } = await open();
    const admin = await as(acme.admin);
    const { tokens } = await server.as(acme.admin).call('listTokens', {});
    const id = tokens.find(({ name }) => name === 'submit')?.token_id ?? '';
    const path = `/ui/settings/tokens/${id}/revoke`;
    expect((await admin.get('/ui/settings/tokens')).text).toContain(`href="${path}"`);
    expect((await admin.get(path)).text).toContain('there is no way back');
    expect((await server.ask('listRuns', { token: acme.submit })).status).toBe(200);
    expect((await admin.post(path, { csrf: 'x' })).status).toBe(403);
    const done = await admin.post(path);
    expect([done.status, done.location]).toEqual([303, `/ui/settings/tokens?revoked=${id}`]);
    expect((await admin.get(done.location ?? '')).text).toContain('is revoked');
    expect((await server.ask('listRuns', { token: acme.submit })).status).toBe(401);
  });

  test('one is replaced by another, which is shown once, and ends after the time that was asked for', async () => {
    const { server, acme, rival, as } = await open();
    const admin = await as(acme.admin);
    const { tokens } = await server.as(acme.admin).call('listTokens', {});
    const id = tokens.find(({ name }) => name === 'submit')?.token_id ?? '';
    const path = `/ui/settings/tokens/${id}/rotate`;
    expect((await admin.get('/ui/settings/tokens')).text).toContain(`href="${path}"`);
    expect((await admin.get(path)).text).toContain('name="overlap_minutes"');
    expect((await (await as(rival.admin)).post(path)).status).toBe(404);
    expect((await admin.post(path, { overlap_minutes: '99999' })).status).toBe(400);
    const made = await admin.post(path, { overlap_minutes: '0' });
    const [, token = ''] = /id="new-token">(qgj_sub_\w+)</.exec(made.text) ?? [];
    expect((await server.ask('listRuns', { token })).status).toBe(200);
    expect((await server.ask('listRuns', { token: acme.submit })).status).toBe(401);
  });

  test('of another org are neither seen nor revoked, and that of the operator stays', async () => {
    const { server, acme, rival, as } = await open();
    const stranger = await as(rival.admin);
    const { tokens } = await server.client.call('listTokens', {});
    const id = tokens.find((token) => token.org_id === 'acme' && token.name === 'read')?.token_id ?? '';
    const path = `/ui/settings/tokens/${id}/revoke`;
    expect((await stranger.get('/ui/settings/tokens')).text).not.toContain(id);
    expect((await stranger.get(path)).status).toBe(404);
    expect((await stranger.post(path)).status).toBe(404);
    expect((await stranger.get(`/ui/settings/tokens?revoked=${id}`)).text).not.toContain('is revoked');
    const operator = await as(server.adminToken);
    const [, own = ''] = server.adminToken.split('_').slice(1);
    expect((await operator.post(`/ui/settings/tokens/${own}/revoke`)).status).toBe(409);
    expect((await server.ask('listRuns', { token: acme.read })).status).toBe(200);
  });

  test('whoever revokes the own one is signed out', async () => {
    const { acme, as } = await open();
    const admin = await as(acme.admin);
    const [, , id] = acme.admin.split('_');
    expect((await admin.get(`/ui/settings/tokens/${id}/revoke`)).text).toContain('you are signed out by it');
    const { location } = await admin.post(`/ui/settings/tokens/${id}/revoke`);
    expect((await admin.get(location ?? '')).location).toMatch(/^\/ui\/sign-in/);
  });
});

describe('webhooks', () => {
  test('are listed for the own org, with whether they arrive', async () => {
    const { server, acme, rival, as } = await open();
    const admin = await as(acme.admin);
    expect((await admin.get('/ui/settings/webhooks')).text).toContain('Nobody is told of events.');
    const body = { url: 'https://ci.example.com/hook?a=1&b=<b>', events: ['run.finished' as const] };
    const made = await server.as(acme.admin).call('createWebhook', { body });
    const { text } = await admin.get('/ui/settings/webhooks');
    expect(text).toContain('nothing sent yet');
    expect(text).not.toContain('<b>');
    expect(text).not.toContain(made.secret);
    expect((await (await as(rival.admin)).get('/ui/settings/webhooks')).text).not.toContain(made.webhook_id);
    expect(textOf((await (await as(server.adminToken)).get('/ui/settings/webhooks')).text)).toContain(
      ' acme ',
    );
  });
});
