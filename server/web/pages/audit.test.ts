import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { describe, expect, test } from 'vitest';
import { hostile } from '../../../test/support/hostile.ts';
import { tempFolder } from '../../../test/support/queue.ts';
import { addOrg, newDataDir, openServer, startTestServer } from '../../../test/support/server.ts';
import { signIn } from '../../../test/support/web.ts';
import { World } from '../../../test/support/world.ts';
import { auditedActions } from '../audited-actions.ts';
import { actions } from './index.ts';

async function open() {
  const server = await startTestServer();
  const tokens = await addOrg(server, 'acme');
  const acme = new World(server, tokens);
  const find = async (query: { target?: string; token_id?: string }) =>
    (await server.client.call('listAudit', { query })).entries;
  return { server, tokens, acme, find, as: (token: string) => signIn(server.url, token) };
}

const idOf = (token: string): string => token.split('_')[2] ?? '';
const textOf = (html: string): string => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');

test('of every form is said what is written down', () => {
  expect(Object.keys(auditedActions).sort()).toEqual(actions.map(({ path }) => path).sort());
});

describe('what is done on the dashboard is written down', () => {
  test('from the sign-in to the sign-out, by the token of the session', async () => {
    const { tokens, acme, find, as } = await open();
    const { deviceId } = await acme.fleet();
    const { run } = await acme.submit({ target: 'emulator' });
    const admin = await as(tokens.admin);
    await admin.post(`/ui/devices/${deviceId}/pause`);
    await admin.post(`/ui/runs/${run.run_id}/cancel`);
    await admin.post('/ui/settings/orgs/acme/pause');
    const retried = await admin.post(`/ui/runs/${run.run_id}/retry`, { key: randomUUID() });
    await admin.post('/ui/sign-out');
    const lines = await find({ token_id: idOf(tokens.admin) });
    const newRun = retried.location?.split('/').at(-1);
    expect(lines.map(({ action, target_id: id }) => [action, id])).toEqual([
      ['session.ended', idOf(tokens.admin)],
      ['run.retried', newRun],
      ['org.changed', 'acme'],
      ['run.cancelled', run.run_id],
      ['device.paused', deviceId],
      ['session.begun', idOf(tokens.admin)],
    ]);
    for (const line of lines)
      expect(line).toMatchObject({
        ...{ actor_kind: 'session', actor_name: 'admin', org_id: 'acme', address: '127.0.0.1' },
      });
  });

  test('with the id of what was made, and not where the form came back', async () => {
    const { server, tokens, find, as } = await open();
    const admin = await as(tokens.admin);
    const form = { name: 'ci', scope: 'read', days: '7', agent_names: '', org_id: '' };
    expect((await admin.post('/ui/settings/tokens', { ...form, days: '0' })).text).not.toContain('new-token');
    const { text } = await admin.post('/ui/settings/tokens', form);
    const token = /id="new-token">\s*(qgj_\w+)/.exec(text)?.[1] ?? '';
    const id = idOf(token);
    await admin.post(`/ui/settings/tokens/${id}/revoke`);
    const lines = await find({ target: id });
    expect(lines).toMatchObject([
      { action: 'token.revoked', org_id: 'acme' },
      { action: 'token.created', org_id: 'acme', detail: { name: 'ci', scope: 'read', days: '7' } },
    ]);
    expect(JSON.stringify(lines)).not.toContain('qgj_');
    const made = (await find({ token_id: idOf(tokens.admin) })).filter(
      (one) => one.action === 'token.created',
    );
    expect(made).toHaveLength(1);
    const operator = await as(server.adminToken);
    await operator.post('/ui/settings/orgs', { org_id: 'newcomer', weight: '2' });
    expect(await find({ target: 'newcomer' })).toMatchObject([{ action: 'org.created', org_id: 'newcomer' }]);
  });

  test('also where the operator changes what is an org’s', async () => {
    const { server, tokens, acme, as } = await open();
    const { deviceId } = await acme.fleet();
    await (await as(server.adminToken)).post(`/ui/devices/${deviceId}/pause`);
    const { entries } = await server.as(tokens.admin).call('listAudit', { query: { target: deviceId } });
    expect(entries).toMatchObject([{ action: 'device.paused', actor_name: 'operator', org_id: 'acme' }]);
  });
});

describe('the page of the audit log', () => {
  test('is for admins alone, who see the own org, and is linked from the settings', async () => {
    const { server, tokens, acme, as } = await open();
    const { run } = await acme.submit();
    const rival = await addOrg(server, 'rival');
    for (const path of ['/ui/audit', '/ui/audit.csv']) {
      expect((await (await as(tokens.submit)).get(path)).status).toBe(403);
      const { status, text } = await (await as(rival.admin)).get(path);
      expect(status).toBe(200);
      expect(text).not.toContain(run.run_id);
      expect((await (await as(tokens.admin)).get(path)).text).toContain(run.run_id);
      expect((await (await as(server.adminToken)).get(path)).text).toContain(run.run_id);
      expect((await (await as(server.adminToken)).get(`${path}?org=rival`)).text).not.toContain(run.run_id);
    }
    expect((await (await as(tokens.admin)).get('/ui/settings')).text).toContain('href="/ui/audit"');
    expect((await (await as(tokens.read)).get('/ui/settings')).text).not.toContain('/ui/audit');
  });

  test('is searched by a form that needs no script', async () => {
    const { tokens, acme, as } = await open();
    const { run } = await acme.submit();
    const admin = await as(tokens.admin);
    const today = new Date().toISOString().slice(0, 10);
    const query = `action=run.submitted&token=${idOf(tokens.submit)}&target=${run.run_id}&since=${today}&until=${today}`;
    const { text } = await admin.get(`/ui/audit?${query}`);
    expect(textOf(text)).toMatch(/run\.submitted (now|\S+ s ago) submit/);
    expect(text).toContain(`value="${run.run_id}"`);
    expect(textOf((await admin.get('/ui/audit?target=nothing')).text)).toContain('Nothing that fits');
    expect(textOf((await admin.get('/ui/audit?since=2100-01-01')).text)).toContain('Nothing that fits');
    for (const bad of ['action=x', 'since=soon', 'until=2026-13-01', 'cursor=x'])
      expect((await admin.get(`/ui/audit?${bad}`)).status, bad).toBe(400);
  });

  test('leads through all lines, with the search that was made', async () => {
    const { tokens, acme, as } = await open();
    for (let n = 0; n < 60; n += 1) await acme.submit();
    const admin = await as(tokens.admin);
    const { text } = await admin.get('/ui/audit?action=run.submitted');
    const next = /href="\/ui(\/audit\?[^"]*cursor=\d+[^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&');
    expect(next).toContain('action=run.submitted');
    const older = await admin.get(`/ui${next}`);
    expect(older.text.match(/data-name="Done"/g)).toHaveLength(10);
  });

  test('shows whatever stands in a line as text', async () => {
    const dataDir = newDataDir(tempFolder());
    const first = await openServer(dataDir);
    await addOrg(first, 'acme').finally(() => first.close());
    const file = createClient({ url: `file:${join(dataDir, 'qgjob.db')}` });
    for (const text of hostile)
      await file.execute({
        sql: `INSERT INTO audit (at, org_id, actor_kind, token_id, actor_name, address, action, target_kind, target_id, request_id, detail)
              VALUES (1, ?1, 'token', ?1, ?1, ?1, ?1, ?1, ?1, ?1, json_object('a', ?1, ?1, json_array(?1)))`,
        args: [text],
      });
    file.close();
    const server = await openServer(dataDir);
    try {
      const visitor = await signIn(server.url, server.adminToken);
      const query = new URLSearchParams({ token: hostile[0] ?? '', target: hostile[1] ?? '' });
      for (const page of ['/ui/audit', `/ui/audit?${query}`]) {
        const { status, text } = await visitor.get(page);
        expect(status).toBe(200);
        expect(text).not.toMatch(/<(img|script|h1)[^>]*(onerror|alert|>alert|>all passed)/i);
        expect(text).not.toMatch(/<b>|<https|<!-- |<\/details><\/td>/);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may be on a page
        expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202a-\u202e]/);
      }
    } finally {
      await server.close();
    }
  });
});
