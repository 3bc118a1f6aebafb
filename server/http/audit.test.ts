import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditAction } from '../../protocol/audit-actions.ts';
import { type RouteName, routes } from '../../protocol/routes.ts';
import type { AuditEntry } from '../../protocol/shapes/audit.ts';
import { callInputs } from '../../test/support/call-inputs.ts';
import type { RawAnswer } from '../../test/support/server.ts';
import { openTwoOrgs, type TwoOrgs } from '../../test/support/two-orgs.ts';
import type { World } from '../../test/support/world.ts';
import { auditedRoutes } from './audited-routes.ts';

/** What is written of each call, and of whom. Written out here, so that the test shows a change in the code. */
const written: Partial<Record<RouteName, readonly [AuditAction, kind: AuditEntry['target_kind']]>> = {
  submitRun: ['run.submitted', 'run'],
  submitJob: ['run.submitted', 'run'],
  retryRun: ['run.retried', 'run'],
  retryJob: ['job.retried', 'run'],
  cancelRun: ['run.cancelled', 'run'],
  cancelJob: ['job.cancelled', 'job'],
  deleteJob: ['job.deleted', 'job'],
  uploadBundle: ['bundle.uploaded', 'bundle'],
  completeBundleUpload: ['bundle.uploaded', 'bundle'],
  registerAppVersion: ['app.registered', 'app_version'],
  uploadAppFile: ['app.uploaded', 'app_version'],
  completeAppUpload: ['app.uploaded', 'app_version'],
  addQuarantine: ['quarantine.added', 'quarantine'],
  removeQuarantine: ['quarantine.removed', 'quarantine'],
  patchAgent: ['agent.drained', 'agent'],
  patchDevice: ['device.paused', 'device'],
  borrowDevice: ['device.borrowed', 'device'],
  createBorrow: ['device.borrowed', 'device'],
  extendBorrow: ['device.extended', 'device'],
  returnDevice: ['device.returned', 'device'],
  returnBorrow: ['device.returned', 'device'],
  createOrg: ['org.created', 'org'],
  patchOrg: ['org.changed', 'org'],
  setGithub: ['github.bindings_set', 'org'],
  signInByGithub: ['github.signed_in', 'token'],
  createToken: ['token.created', 'token'],
  deleteToken: ['token.revoked', 'token'],
  rotateToken: ['token.rotated', 'token'],
  createWebhook: ['webhook.created', 'webhook'],
  rotateWebhook: ['webhook.rotated', 'webhook'],
  deleteWebhook: ['webhook.deleted', 'webhook'],
  registerAgent: ['agent.registered', 'agent'],
  exportAudit: ['audit.exported', ''],
  getBackup: ['backup.made', ''],
};

let orgs: TwoOrgs;
let acme: World;
let rival: World;

beforeAll(async () => {
  orgs = await openTwoOrgs();
  ({ acme, rival } = orgs);
});

afterAll(() => orgs.close());

const operator = () => acme.server.client;
const idOf = (token: string): string => token.split('_')[2] ?? '';

/** The lines about the call with this id. */
async function linesOf(requestId: string): Promise<AuditEntry[]> {
  const { entries } = await operator().call('listAudit', { query: { limit: 100 } });
  return entries.filter((entry) => entry.request_id === requestId);
}

/** The token of whom each call is for: of acme where it has one that may. */
function callerOf(name: RouteName): string {
  const { scope } = routes[name];
  if (scope === 'operator' || scope === 'lease' || scope === 'open') return acme.server.adminToken;
  if (scope === 'own') return acme.tokens.admin;
  return acme.tokens[scope === 'any' ? 'read' : scope];
}

let calls = 0;

async function callOnce(name: RouteName, more: object = {}): Promise<{ answer: RawAnswer; id: string }> {
  calls += 1;
  const id = `audit-test-${calls}`;
  const { lease, ...input } = await callInputs[name]();
  const token = lease && routes[name].scope === 'lease' ? lease.token : callerOf(name);
  const answer = await acme.server.ask(name, { token, ...input, headers: { 'x-request-id': id }, ...more });
  return { answer, id };
}

test('every route says what is written of it, and this test says the same', () => {
  const audited = Object.entries(auditedRoutes).flatMap(([name, one]) => (one === null ? [] : [name]));
  // What only asks where to upload changes nothing.
  const asks = ['openBundleUpload', 'openAppUpload', 'openArtifactUpload'];
  const changing = Object.entries(routes).flatMap(([name, { method, scope }]) =>
    method === 'GET' || ['lease', 'agent'].includes(scope) || asks.includes(name) ? [] : [name],
  );
  expect(Object.keys(written).sort()).toEqual(audited.sort());
  expect(audited.sort()).toEqual([...changing, 'registerAgent', 'exportAudit', 'getBackup'].sort());
});

/** What they complete went through the server here, and was written down there: nothing of it is new. */
const known: readonly string[] = ['completeBundleUpload', 'completeAppUpload'];

test.each(known)('%s of what is there already is not written down', async (route) => {
  const { answer, id } = await callOnce(route as RouteName);
  expect(answer.status, answer.text).toBeLessThan(300);
  expect(await linesOf(id)).toEqual([]);
});

describe.each(Object.entries(written))('%s', (route, [action, kind]) => {
  const name = route as RouteName;

  test.skipIf(known.includes(name))(
    `is written down once, as ${action}, with who, what and from where`,
    async () => {
      const { answer, id } = await callOnce(name);
      expect(answer.status, answer.text).toBeLessThan(300);
      const lines = await linesOf(id);
      expect(lines).toMatchObject([{ action, target_kind: kind, address: '127.0.0.1' }]);
      const [line] = lines;
      const isGithub = name === 'signInByGithub';
      const token = isGithub ? answer.json.token : callerOf(name);
      expect(line?.token_id).toBe(idOf(token));
      expect(line?.actor_kind).toBe(
        isGithub
          ? 'github'
          : token === acme.server.adminToken
            ? 'operator'
            : name === 'registerAgent'
              ? 'agent'
              : 'token',
      );
      expect(line?.actor_name).toMatch(isGithub ? /^\S+\/\S+ run \d+$/ : /^(operator|admin|submit|agent)$/);
      if (kind !== '') expect(line?.target_id).toMatch(/^[\w.-]{3,}$/);
      const ofServer = name === 'getBackup';
      expect(line?.org_id).toBe(ofServer ? null : name === 'createOrg' ? 'newcomer' : 'acme');
    },
  );

  test('is not written down where it is refused', async () => {
    // A token that may not, and none that is bad: many of those are told to wait.
    const isOpen = name === 'signInByGithub';
    const { answer, id } = await callOnce(name, isOpen ? { body: {} } : { token: acme.tokens.read });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(await linesOf(id)).toEqual([]);
  });
});

test('the operator who changes what is an org’s is seen by the org', async () => {
  const hook = { org_id: 'acme', url: 'https://ci.example.com/hook', events: ['run.finished' as const] };
  const made = await operator().call('createWebhook', { body: hook });
  await operator().call('deleteWebhook', { params: { id: made.webhook_id } });
  const admin = acme.server.as(acme.tokens.admin);
  const { entries } = await admin.call('listAudit', { query: { target: made.webhook_id } });
  expect(entries.map(({ action, actor_kind }) => [action, actor_kind])).toEqual([
    ['webhook.deleted', 'operator'],
    ['webhook.created', 'operator'],
  ]);
});

test('a submit that comes again with its key is written down once', async () => {
  const body = { app_version_id: 'v1', tests: ['a.spec.ts'] };
  const submit = () =>
    acme.server.as(acme.tokens.submit).call('submitRun', { body, idempotencyKey: 'once-in-the-log' });
  const [{ run }] = [await submit(), await submit()];
  const { entries } = await operator().call('listAudit', { query: { target: run.run_id } });
  expect(entries).toMatchObject([
    { action: 'run.submitted', detail: { app_version_id: 'v1', jobs: 1 }, org_id: 'acme' },
  ]);
});

test('an agent that registers again is written down once more only where it was started anew', async () => {
  const agent = acme.server.as(acme.tokens.agent);
  const register = (boot: string) =>
    agent.call('registerAgent', {
      body: { name: 'of-the-log', boot_id: boot, version: '1', devices: [] },
    });
  const { agent_id: target } = await register('boot-1-of-it');
  await register('boot-1-of-it');
  await register('boot-2-of-it');
  const { entries } = await operator().call('listAudit', { query: { target } });
  expect(entries.map(({ action }) => action)).toEqual(['agent.registered', 'agent.registered']);
});

test('who keeps a borrowed device for longer has extended it', async () => {
  const { deviceId: id } = await acme.fleet();
  const borrow = (minutes: number) =>
    acme.server.as(acme.tokens.submit).call('borrowDevice', { params: { id }, body: { minutes } });
  await borrow(5);
  await borrow(10);
  const { entries } = await operator().call('listAudit', { query: { target: id } });
  expect(entries.map(({ action }) => action)).toEqual(['device.extended', 'device.borrowed']);
});

describe('another org', () => {
  const stranger = () => acme.server.as(rival.tokens.admin);

  test('sees no line of acme, whatever it asks for', async () => {
    const { run } = await acme.submit();
    const { entries: newest } = await operator().call('listAudit', { query: { limit: 1 } });
    const filters = [
      {},
      { target: run.run_id },
      { token_id: idOf(acme.tokens.submit) },
      { action: 'run.submitted' as const },
      { cursor: String((newest[0]?.seq ?? 0) + 1) },
      { since: '2020-01-01T00:00:00.000Z', until: '2100-01-01T00:00:00.000Z' },
    ];
    for (const query of filters) {
      const { entries } = await stranger().call('listAudit', { query });
      expect(entries.filter(({ org_id: org }) => org !== 'rival')).toEqual([]);
      expect(JSON.stringify(entries)).not.toContain('acme');
    }
    const { text } = await acme.server.ask('exportAudit', { token: rival.tokens.admin });
    expect(text).not.toMatch(/acme|run_/);
    expect(text).toContain('rival');
  });

  test('and names it by its id in vain', async () => {
    for (const name of ['listAudit', 'exportAudit'] as const) {
      const query = { org_id: 'acme' };
      expect((await acme.server.ask(name, { token: rival.tokens.admin, query })).status).toBe(403);
      for (const token of [acme.tokens.read, acme.tokens.submit, acme.tokens.agent])
        expect((await acme.server.ask(name, { token })).status).toBe(403);
    }
  });
});

test('pages follow one another without a gap, also with filters', async () => {
  for (let n = 0; n < 5; n += 1) await acme.submit();
  const query = { org_id: 'acme', action: 'run.submitted' as const };
  const whole = await operator().call('listAudit', { query: { ...query, limit: 500 } });
  const seen: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await operator().call('listAudit', { query: { ...query, limit: 2, cursor } });
    seen.push(...page.entries.map(({ seq }) => seq));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  expect(seen).toEqual(whole.entries.map(({ seq }) => seq));
  expect(seen).toEqual([...seen].sort((a, b) => b - a));
  expect((await acme.server.ask('listAudit', { query: { cursor: 'x' } })).status).toBe(400);
});

test('times bound what is listed', async () => {
  const { run } = await acme.submit();
  const { entries } = await operator().call('listAudit', { query: { target: run.run_id } });
  const at = entries[0]?.at ?? '';
  const find = async (query: { since?: string; until?: string }) =>
    (await operator().call('listAudit', { query: { target: run.run_id, ...query } })).entries.length;
  const later = new Date(Date.parse(at) + 1).toISOString();
  expect(await find({ since: at })).toBe(1);
  expect(await find({ since: later })).toBe(0);
  expect(await find({ until: at })).toBe(0);
  expect(await find({ until: later })).toBe(1);
  expect(await find({ since: '2100-01-01T00:00:00.000Z' })).toBe(0);
  expect(await find({ until: '2000-01-01T00:00:00.000Z' })).toBe(0);
});

test('no line holds a secret: not the token that was made, not the address that a webhook goes to', async () => {
  const url = 'https://hooks.example.com/services/T0/not-to-be-told';
  const events = ['run.finished' as const];
  const hook = await operator().call('createWebhook', { body: { org_id: 'acme', url, events } });
  await callOnce('createToken');
  await callOnce('signInByGithub');
  const { text } = await acme.server.ask('exportAudit', { query: { format: 'ndjson' } });
  expect(text.split('\n').length).toBeGreaterThan(20);
  expect(text).toContain('hooks.example.com');
  expect(text).toContain(hook.webhook_id);
  expect(text).not.toMatch(/qgj_|not-to-be-told|whsec_|eyJ/);
});

test('the file has every line once, as CSV and as a JSON object a line', async () => {
  const query = { org_id: 'acme', until: new Date(Date.now() + 60_000).toISOString() };
  const csv = await acme.server.ask('exportAudit', { query: { ...query, format: 'csv' } });
  const rows = csv.text.trimEnd().split('\n');
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(rows[0]).toBe(
    'seq,at,org_id,actor_kind,token_id,actor_name,address,action,target_kind,target_id,request_id,detail',
  );
  const json = await acme.server.ask('exportAudit', { query: { ...query, format: 'ndjson' } });
  const lines = json.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditEntry);
  // The line about the second file came in between.
  expect(lines.slice(1).map(({ seq }) => String(seq))).toEqual(rows.slice(1).map((row) => row.split(',')[0]));
  expect(new Set(lines.map(({ seq }) => seq)).size).toBe(lines.length);
});
