import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Contract } from '../../protocol/contract.ts';
import { contracts } from '../../protocol/contracts.ts';
import { type Route, type RouteName, routes } from '../../protocol/routes.ts';
import type { Lease } from '../../protocol/shapes/agent.ts';
import type { Scope } from '../../protocol/states.ts';
import { aJob, aRegisteredApp, aTest, type Input } from '../../test/support/acme-rows.ts';
import { callInputs } from '../../test/support/call-inputs.ts';
import { addOrg, checkAnswer, dumpDatabase } from '../../test/support/server.ts';
import { openTwoOrgs, type TwoOrgs } from '../../test/support/two-orgs.ts';
import { expectRefusal, type World } from '../../test/support/world.ts';

/** `lease`: who has the token of the lease that the call names, or of any lease where it names none. */
type Gone = 'revoked' | 'expired';
type Caller = Scope | 'operator' | 'stranger' | Gone | 'lease';
const callers: readonly Caller[] = [
  ...(['stranger', 'revoked', 'expired', 'read', 'submit', 'admin', 'agent', 'lease', 'operator'] as const),
];

/** Who may make the calls of each scope. Written out here, so that the test shows a change in the code. */
const allowed: Record<Route['scope'], readonly Caller[]> = {
  open: callers,
  // The token of the path may too: that is tested with rotation and revocation.
  own: ['admin', 'operator'],
  any: ['read', 'submit', 'admin', 'agent', 'operator'],
  read: ['read', 'submit', 'admin', 'operator'],
  submit: ['submit', 'admin', 'operator'],
  admin: ['admin', 'operator'],
  agent: ['agent', 'operator'],
  lease: ['lease', 'operator'],
  operator: ['operator'],
};

let orgs: TwoOrgs;
let acme: World;
let rival: World;
/** Tokens of acme for all that they may have. */
const gone = { revoked: '', expired: '' };

beforeAll(async () => {
  orgs = await openTwoOrgs();
  ({ acme, rival } = orgs);
  const asAdmin = acme.server.as(acme.tokens.admin);
  const make = async (name: Gone) => {
    const body = { name, scopes: ['admin' as const, 'submit' as const, 'read' as const] };
    const made = await asAdmin.call('createToken', { body });
    gone[name] = made.token;
    return { id: made.token_id };
  };
  await asAdmin.call('deleteToken', { params: await make('revoked') });
  await asAdmin.call('rotateToken', { params: await make('expired'), body: { overlap_minutes: 0 } });
});

afterAll(() => orgs.close());

const isGone = (caller: Caller): caller is Gone => caller in gone;

async function tokenOf(world: World, caller: Caller, lease?: Lease): Promise<string | null> {
  if (caller === 'stranger') return null;
  if (isGone(caller)) return gone[caller];
  if (caller === 'lease') return (lease ?? (await world.lease()).lease).token;
  return caller === 'operator' ? world.server.adminToken : world.tokens[caller];
}

const names = Object.keys(routes) as RouteName[];

test('every route has an input here, and nothing else has', () => {
  expect(Object.keys(callInputs).sort()).toEqual([...names].sort());
});

describe.each(names)('%s', (name) => {
  const { scope, path, status, mayBeEmpty }: Route = routes[name];
  const contract: Contract = contracts[name];
  const may = allowed[scope];

  test.each(callers.filter((caller) => !may.includes(caller)))('refuses %s', async (caller) => {
    const input = await callInputs[name]();
    const answer = await acme.server.ask(name, { ...input, token: await tokenOf(acme, caller, input.lease) });
    if (caller === 'stranger' || isGone(caller)) expectRefusal(answer, 401, 'unauthorized');
    else expectRefusal(answer, 403, 'forbidden');
  });

  test.each(may)('answers %s by its contract', async (caller) => {
    // An org with a known name would be a conflict.
    const input: Input =
      name === 'createOrg' ? { body: { org_id: `by-${caller}` } } : await callInputs[name]();
    const answer = await acme.server.ask(name, { ...input, token: await tokenOf(acme, caller, input.lease) });
    const isEmpty = mayBeEmpty && answer.status === 204;
    expect(answer.status, answer.text).toBe(isEmpty ? 204 : status);
    checkAnswer(name, contentOf(contract, answer.text));
  });

  const foreign = may.filter((caller) => caller !== 'operator' && caller !== 'stranger');
  if (scope === 'open' || scope === 'operator') return;

  test.each(foreign)('shows and gives nothing of acme to %s of another org', async (caller) => {
    const input = await callInputs[name]();
    const answer = await acme.server.ask(name, { ...input, token: await tokenOf(rival, caller) });
    const namesRow =
      (path.includes(':') && !('org_id' in Object(input.query))) ||
      ['takeLease', 'addQuarantine'].includes(name);
    // A call for acme by its name is refused before any row is looked for.
    if (namesRow) expectRefusal(answer, 404, 'not_found');
    else if (answer.status >= 400) expectRefusal(answer, 403, 'forbidden');
    else expect(answer.text).not.toContain('acme');
  });

  const withIds = path.includes(':') ? foreign : [];
  test.each(withIds)(
    'tells %s of another org of these ids what it tells of ids that nobody has',
    async (caller) => {
      const input = await callInputs[name]();
      const token = await tokenOf(rival, caller);
      const ask = (params: Record<string, string>) => acme.server.ask(name, { ...input, params, token });
      const known = input.params ?? {};
      const unknown = Object.fromEntries(Object.entries(known).map(([key, id]) => [key, unknownId(id)]));
      const [foreignAnswer, none] = [await ask(known), await ask(unknown)];
      expect(foreignAnswer.status).toBe(none.status);
      expect(withoutIds(foreignAnswer.text, known)).toBe(withoutIds(none.text, unknown));
    },
  );

  test.each(scope === 'lease' && path.includes(':job_id') ? ['foreign'] : [])(
    'refuses a %s job in an own lease, and an own job in a lease of another org',
    async () => {
      const { lease: _, ...input } = await callInputs[name]();
      const own = await rival.running();
      const params = { ...input.params, id: own.lease.lease_id };
      expectRefusal(
        await acme.server.ask(name, { ...input, params, token: own.lease.token }),
        404,
        'not_found',
      );
      const turned = { ...input.params, job_id: own.job.job_id };
      expectRefusal(
        await acme.server.ask(name, { ...input, params: turned, token: own.lease.token }),
        404,
        'not_found',
      );
    },
  );

  const filters = Object.keys(queryKeys(contract)).filter((key) => key in idsOf);
  test.each(filters)('shows nothing of acme to another org that filters by its %s', async (key) => {
    const id = await idsOf[key as keyof typeof idsOf]();
    const { query: _, lease: __, ...input } = await callInputs[name]();
    const wait: Record<string, number> = name === 'followEvents' ? { wait_ms: 0 } : {};
    const token = await tokenOf(rival, may.includes('read') ? 'read' : 'admin');
    const answer = await acme.server.ask(name, { ...input, query: { ...wait, [key]: id }, token });
    expect(answer.status, answer.text).toBeLessThan(500);
    expect(answer.text.replaceAll(id, '')).not.toContain('acme');
  });

  const lists = 'cursor' in queryKeys(contract) && !path.includes(':') ? ['cursor'] : [];
  test.each(lists)('shows nothing of acme to another org behind a %s of acme', async () => {
    for (let n = 0; n < 2; n += 1) await callInputs[name]();
    await acme.finished();
    const ask = (world: World, query: Record<string, string>) =>
      acme.server.ask(name, { query, token: world.tokens[may.includes('read') ? 'read' : 'admin'] });
    const { json } = await ask(acme, { limit: '1' });
    const cursor =
      json.next_cursor ?? (await acme.server.ask(name, { query: { limit: '1' } })).json.next_cursor;
    if (cursor === null) return;
    expect((await ask(rival, { cursor })).text).not.toContain('acme');
  });

  if (!('org_id' in queryKeys(contract)) || path.includes(':')) return;

  test.each(foreign)('refuses %s of another org in calls for acme', async (caller) => {
    const answer = await acme.server.ask(name, {
      query: { org_id: 'acme' },
      token: await tokenOf(rival, caller),
    });
    expectRefusal(answer, 403, 'forbidden');
  });
});

test('stats count the own rows alone', async () => {
  await acme.running();
  const { read } = await addOrg(acme.server, 'bystander');
  const stats = await acme.server.as(read).call('getStats');
  expect(Object.values(stats.jobs)).toEqual(Object.values(stats.jobs).map(() => 0));
  expect(stats).toMatchObject({ runs_active: 0, leases_active: 0 });
});

test('a foreign id and an unknown id get the same answer, but for the id', async () => {
  const { jobs } = await acme.submit();
  const id = jobs[0]?.job_id ?? '';
  const unknown = `job_${'0'.repeat(32)}`;
  const ask = (jobId: string) =>
    acme.server.ask('getJob', { params: { id: jobId }, token: rival.tokens.read });
  const [foreign, none] = [await ask(id), await ask(unknown)];
  expect(foreign.json.error.message.replace(id, unknown)).toBe(none.json.error.message);
});

test('all calls of another org together change nothing of acme', async () => {
  const prepared = await Promise.all(
    names
      .filter((name) => !['open', 'operator'].includes(routes[name].scope) && routes[name].path.includes(':'))
      .map(async (name) => ({ name, input: await callInputs[name]() })),
  );
  const tokens = await Promise.all(
    (['read', 'submit', 'admin', 'agent', 'lease'] as const).map((caller) => tokenOf(rival, caller)),
  );
  const rows = () =>
    new Map(Object.entries(dumpDatabase(acme.server.dataDir)).map(([table, all]) => [table, textOf(all)]));
  await acme.server.stopLoops();
  const before = rows();
  for (const { name, input } of prepared)
    for (const token of tokens) {
      const answer = await acme.server.ask(name, { ...input, token });
      expect(answer.status, `${name}: ${answer.text}`).toBeGreaterThanOrEqual(400);
      expect(answer.status, `${name}: ${answer.text}`).toBeLessThan(500);
    }
  // By table, so that a difference can be read.
  for (const [table, text] of rows()) expect(text, table).toBe(before.get(table));
});

const textOf = (rows: readonly unknown[]): string =>
  JSON.stringify(rows, (key, value) => (key === 'last_used_at' ? null : value));

const aRun = async () => (await acme.submit()).run.run_id;
/** Ids of acme by the name of a filter. */
const idsOf = {
  run_id: aRun,
  job_id: async () => (await aJob()).params?.id ?? '',
  agent_id: async () => (await acme.fleet()).agentId,
  device_id: async () => (await acme.fleet()).deviceId,
  app_version_id: async () => (await aRegisteredApp()).params?.id ?? '',
  test_id: aTest,
};

/** One of the same form that nobody has. */
function unknownId(id: string): string {
  if (/^[a-z]+_[0-9a-f]{32}$/.test(id)) return id.replace(/[0-9a-f]{32}$/, '0'.repeat(32));
  if (/^[0-9a-f]+$/.test(id)) return '0'.repeat(id.length);
  return `nobody-${id.length}-0000000000`.slice(0, Math.max(12, id.length));
}

const withoutIds = (text: string, ids: Readonly<Record<string, string>>): string =>
  Object.values(ids)
    .reduce((rest, id) => rest.replaceAll(id, 'ID'), text)
    .replace(/"request_id":"[^"]*"/, '');

const queryKeys = ({ query }: Contract): object =>
  (query as unknown as { shape: object } | undefined)?.shape ?? {};

function contentOf({ answer }: Contract, text: string): unknown {
  if (answer === 'bytes') return new TextEncoder().encode(text);
  return text === '' ? undefined : JSON.parse(text);
}
