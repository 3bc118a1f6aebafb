import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RouteName } from '../../protocol/routes.ts';
import { aTest } from '../../test/support/acme-rows.ts';
import { callInputs } from '../../test/support/call-inputs.ts';
import { dumpDatabase } from '../../test/support/server.ts';
import { openTwoOrgs, type TwoOrgs } from '../../test/support/two-orgs.ts';
import { signIn, Visitor } from '../../test/support/web.ts';
import type { World } from '../../test/support/world.ts';
import { actions, pages, resources } from './pages/index.ts';

let orgs: TwoOrgs;
let acme: World;
let rival: World;

beforeAll(async () => {
  orgs = await openTwoOrgs();
  ({ acme, rival } = orgs);
  await aTest();
  // From here on only what is sent here changes rows.
  await acme.server.stopLoops();
});

afterAll(() => orgs.close());

const idOf = async (name: RouteName): Promise<string> => (await callInputs[name]()).params?.id ?? '';
/** A job whose run is over, so that both can be sent again. */
async function failed() {
  const { run } = await acme.submit();
  const asSubmitter = acme.server.as(acme.tokens.submit);
  await asSubmitter.call('cancelRun', { params: { id: run.run_id } });
  const { jobs } = await asSubmitter.call('getRun', { params: { id: run.run_id } });
  return { run_id: run.run_id, job_id: jobs[0]?.job_id ?? '' };
}

/** A device that is paused, or an agent that is drained. */
async function stopped(name: 'patchDevice' | 'patchAgent') {
  const input = await callInputs[name]();
  await acme.server.ask(name, input);
  return { id: input.params?.id ?? '' };
}

/** Ids of acme for the `:names` of a path, made for it; the first that a path begins with. */
const made: [begin: string, make: () => Promise<Record<string, string>>][] = [
  ['/runs/:id/retry', async () => ({ id: (await failed()).run_id })],
  ['/runs/:id', async () => ({ id: (await acme.submit()).run.run_id })],
  ['/jobs/:id/retry', async () => ({ id: (await failed()).job_id })],
  ['/jobs/:id/log', async () => ({ id: (await failed()).job_id })],
  ['/jobs/:id', async () => ({ id: await idOf('getJob') })],
  ['/dead-letters/jobs/:id', async () => ({ id: (await failed()).job_id })],
  ['/dead-letters/runs/:id', async () => ({ id: (await failed()).run_id })],
  ['/artifacts/:id', async () => ({ id: await idOf('getArtifact') })],
  [
    '/tests/:id/quarantines/',
    async () => ({ id: await aTest(), quarantine: await idOf('removeQuarantine') }),
  ],
  ['/tests/:id', async () => ({ id: await aTest() })],
  [
    '/devices/:id/borrows/',
    async () => {
      const borrow = await idOf('getBorrow');
      const { json } = await acme.server.ask('getBorrow', { params: { id: borrow } });
      return { id: json.device_id, borrow };
    },
  ],
  ['/devices/:id/resume', () => stopped('patchDevice')],
  ['/agents/:id/undrain', () => stopped('patchAgent')],
  ['/devices/:id', async () => ({ id: await idOf('patchDevice') })],
  ['/agents/:id', async () => ({ id: await idOf('patchAgent') })],
  ['/settings/tokens/:id', async () => ({ id: await idOf('deleteToken') })],
  ['/settings/orgs/:id', () => Promise.resolve({ id: 'acme' })],
  ['', () => Promise.resolve({})],
];

/** A path of the dashboard with ids of acme. */
async function fill(path: string): Promise<string> {
  const ids = await made.find(([begin]) => path.startsWith(begin))?.[1]();
  const filled = path.replace(/:(\w+)/g, (_, name: string) => {
    if (!ids?.[name]) throw new Error(`no ${name} is made for ${path}`);
    return ids[name];
  });
  return `/ui${filled === '/' ? '' : filled}`;
}

const fields = (path = ''): Record<string, string> => ({
  ...{ key: randomUUID(), minutes: '5', note: 'x', overlap_minutes: '5' },
  ...{
    owner: 'ann',
    reason: 'times out',
    ends_at: new Date(Date.now() + 3_600_000).toISOString().slice(0, 16),
  },
  ...{
    name: 'ci',
    scope: 'read',
    days: '7',
    agent_names: '',
    org_id: path === '/settings/orgs' ? `org-${randomUUID().slice(0, 8)}` : '',
  },
  ...{ weight: '2', max_leases: '3', paused_targets: 'emulator', lane: 'pull_request' },
});

const levels = ['read', 'submit', 'admin'] as const;
/** Tokens that may less than a page asks for. */
const below = (scope: string) =>
  levels.slice(0, Math.max(0, levels.indexOf(scope as (typeof levels)[number])));

/** Forms that only the operator may send; for the page of an org it is known by a field. */
const ofOperator = ['/settings/orgs', '/settings/orgs/:id'];

/** All rows but when somebody was last seen. */
const rows = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(dumpDatabase(acme.server.dataDir))
      .filter(([table]) => !['audit', 'web_sessions'].includes(table))
      .map(([table, all]) => [
        table,
        JSON.stringify(all, (key, value) => (key === 'last_used_at' ? null : value)),
      ]),
  );

const seen = [...pages, ...resources];

describe.each(seen)('$path', ({ path, scope }) => {
  test('shows a stranger nothing but the way to sign in', async () => {
    const { status, location, text } = await new Visitor(acme.server.url).get(await fill(path));
    expect(status).toBe(303);
    expect(location).toMatch(/^\/ui\/sign-in/);
    expect(text).not.toContain('acme');
  });

  test.each(below(scope))('is refused to a token for %s', async (level) => {
    const visitor = await signIn(acme.server.url, acme.tokens[level]);
    expect((await visitor.get(await fill(path))).status).toBe(403);
  });

  // The stream of events has no end.
  if (path === '/events') return;

  test('is there for acme, and shows nothing of it to another org', async () => {
    const address = await fill(path);
    const own = await (await signIn(acme.server.url, acme.tokens.admin)).get(address);
    // The list of all orgs is the operator's.
    expect(own.status, own.text).toBe(path === '/settings/orgs' ? 403 : 200);
    const { status, text } = await (await signIn(acme.server.url, rival.tokens.admin)).get(address);
    expect(path.includes(':') ? [403, 404] : [200, 403]).toContain(status);
    // The page of an error names what was asked for.
    expect(text.replaceAll(address, '').replace('no org acme', '')).not.toContain('acme');
  });
});

describe.each(actions)('a form to $path', ({ path, scope }) => {
  test('of a stranger, of another org, of a token that may less, or without its own field changes nothing', async () => {
    const address = await fill(path);
    const foreigner = await signIn(acme.server.url, rival.tokens.admin);
    const visitors = [
      new Visitor(acme.server.url),
      foreigner,
      ...(await Promise.all(below(scope).map((level) => signIn(acme.server.url, acme.tokens[level])))),
    ];
    const owner = await signIn(acme.server.url, acme.tokens.admin);
    const before = rows();
    for (const visitor of visitors) {
      // What names no row makes one of the caller's own org: it is asked to make one of acme.
      const makes = visitor === foreigner && !path.includes(':');
      const { status, location } = await visitor.post(address, {
        ...fields(path),
        ...(makes && { org_id: 'acme' }),
      });
      if (status === 303) expect(location).toBe('/ui/sign-in');
      // The form for a token stands there again, with what is wrong with it.
      else expect(makes ? [200, 403] : [403, 404]).toContain(status);
    }
    expect((await owner.post(address, { ...fields(path), csrf: '0'.repeat(64) })).status).toBe(403);
    expect(rows()).toEqual(before);
  });

  test('of whoever may send it changes something', async () => {
    const token = ofOperator.includes(path) ? acme.server.adminToken : acme.tokens.admin;
    const address = await fill(path);
    const visitor = await signIn(acme.server.url, token);
    const before = rows();
    const { status, text } = await visitor.post(address, fields(path));
    expect([200, 303], text).toContain(status);
    expect(rows()).not.toEqual(before);
  });
});
