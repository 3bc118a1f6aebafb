import { describe, expect, test } from 'vitest';
import type { GithubBinding } from '../../protocol/shapes/github.ts';
import { addOrg, dumpDatabase } from '../../test/support/server.ts';
import { app, minuteMs, useSignInLab } from '../../test/support/sign-in-lab.ts';
import { expectRefusal } from '../../test/support/world.ts';

const lab = useSignInLab();

describe('a workflow of a bound repository', () => {
  test('gets a token of the org for an hour, which submits', async () => {
    const { status, json } = await lab.signIn();
    expect(status).toBe(201);
    expect(json).toEqual({
      token: expect.stringMatching(/^qgj_gha_[0-9a-f]{24}_[0-9a-f]{72}$/),
      org_id: 'acme',
      expires_at: new Date(lab.now + 60 * minuteMs).toISOString(),
    });
    const client = lab.server.as(json.token);
    const body = { app_version_id: 'v1', tests: ['a.spec.ts'] };
    expect((await client.call('submitRun', { body })).run.org_id).toBe('acme');
    lab.now += 60 * minuteMs - 1;
    await client.call('listRuns');
    lab.now += 1;
    await expect(client.call('listRuns')).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('gets no more than the scopes of its binding', async () => {
    await lab.bind([{ ...app, scopes: ['read'] }]);
    const { json } = await lab.signIn();
    const body = { app_version_id: 'v1', tests: ['a.spec.ts'] };
    expectRefusal(await lab.server.ask('submitRun', { token: json.token, body }), 403, 'forbidden');
    expectRefusal(await lab.server.ask('listTokens', { token: json.token }), 403, 'forbidden');
  });

  test('has no token that a list of tokens shows, or whose secret the database holds', async () => {
    const { json } = await lab.signIn();
    const { tokens } = await lab.server.client.call('listTokens');
    expect(JSON.stringify(tokens)).not.toContain(json.token.split('_')[2]);
    const stored = JSON.stringify(dumpDatabase(lab.server.dataDir));
    expect(stored).not.toContain(json.token.slice(-72, -8));
    expect(lab.server.log.join()).not.toContain(json.token.slice(-72, -8));
  });

  test('whose token is revoked by its id is out at once', async () => {
    const { json } = await lab.signIn();
    await lab.server.as(json.token).call('listRuns');
    await lab.server.client.call('deleteToken', { params: { id: json.token.split('_')[2] } });
    expectRefusal(await lab.server.ask('listRuns', { token: json.token }), 401, 'unauthorized');
  });

  test('signs in also when its repository was renamed or its name differs in case: the ids hold', async () => {
    expect((await lab.signIn({ claims: { repository: 'acme/app-2' } })).status).toBe(201);
    expect((await lab.signIn({ claims: { repository: 'ACME/App', sub: 'whatever' } })).status).toBe(201);
  });

  test('signs in by a binding of all repositories of its owner', async () => {
    await lab.bind([{ repository_owner_id: '11' }]);
    expect((await lab.signIn({ claims: { repository_id: '4712' } })).status).toBe(201);
    expectRefusal(await lab.signIn({ claims: { repository_owner_id: '12' } }), 403, 'forbidden');
  });

  test('that several orgs have names the one that is meant', async () => {
    const rival = await lab.newOrg();
    await lab.bind([app], rival);
    const unclear = await lab.signIn();
    expectRefusal(unclear, 400, 'invalid');
    expect(unclear.text).not.toMatch(new RegExp(`${rival}|"acme"`));
    expect((await lab.signIn({}, { org_id: rival })).json.org_id).toBe(rival);
  });
});

describe('the policy refuses', () => {
  test.each<[string, Record<string, unknown>]>([
    ['a repository that is not bound', { repository_id: '4712' }],
    [
      'the name of a bound owner that somebody else has now',
      { repository_owner_id: '12', repository_id: '99' },
    ],
    ['the name of a bound repository that was made anew', { repository_id: '9999' }],
    ['a bound repository that went to another owner', { repository_owner_id: '12' }],
  ])('%s, with the command that binds it', async (_, claims) => {
    const before = lab.signIns();
    const answer = await lab.signIn({ claims });
    expectRefusal(answer, 403, 'forbidden');
    const { repository_owner_id: owner = '11', repository_id: id = '4711' } = claims;
    expect(answer.json.error.message).toContain(
      `is not bound to an org here: an operator of the server binds it with \`qgjob orgs github ORG --owner-id=${owner} --repository-id=${id}\``,
    );
    expect(lab.signIns()).toBe(before);
  });

  test('an org that the repository is not bound to, as if there were none of this name', async () => {
    const rival = await lab.newOrg();
    const before = lab.signIns();
    const words = async (orgId: string) => {
      const answer = await lab.signIn({}, { org_id: orgId });
      expectRefusal(answer, 403, 'forbidden');
      return answer.json.error.message.replaceAll(orgId, 'ORG');
    };
    expect(await words(rival)).toBe(await words('nobody'));
    expect(lab.signIns()).toBe(before);
  });

  test.each([
    'pull_request_target',
    'workflow_run',
    'issue_comment',
    'issues',
    'pull_request_review',
    'pull_request_review_comment',
    'discussion_comment',
    'fork',
    'watch',
    'repository_dispatch',
    'an_event_of_the_future',
  ])('the event %s, unless it is allowed by its name', async (event) => {
    const before = lab.signIns();
    const answer = await lab.signIn({ claims: { event_name: event } });
    expectRefusal(answer, 403, 'forbidden');
    expect(answer.json.error.message).toContain(`--event=OTHERS,${event}`);
    expect(lab.signIns()).toBe(before);
    await lab.bind([{ ...app, events: ['push', event] }]);
    expect((await lab.signIn({ claims: { event_name: event } })).status).toBe(201);
  });

  test.each(['push', 'pull_request', 'merge_group', 'workflow_dispatch', 'schedule', 'release'])(
    'not the event %s, unless others alone are allowed',
    async (event) => {
      expect((await lab.signIn({ claims: { event_name: event } })).status).toBe(201);
      await lab.bind([{ ...app, events: ['deployment'] }]);
      expectRefusal(await lab.signIn({ claims: { event_name: event } }), 403, 'forbidden');
    },
  );

  test.each([
    [['refs/heads/main'], 'refs/heads/main', 201],
    [['refs/heads/main'], 'refs/heads/main2', 403],
    [['refs/heads/main'], 'refs/tags/main', 403],
    [['refs/heads/release/*', 'refs/tags/v*'], 'refs/heads/release/1/2', 201],
    [['refs/heads/release/*', 'refs/tags/v*'], 'refs/tags/v1', 201],
    [['refs/heads/release/*', 'refs/tags/v*'], 'refs/heads/x/release/1', 403],
    [['refs/pull/*'], 'refs/pull/7/merge', 201],
  ])('of the refs %j: is %s answered with %i', async (refs, ref, status) => {
    await lab.bind([{ ...app, refs }]);
    const answer = await lab.signIn({ claims: { ref } });
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.json.error.message).toContain(`--ref=OTHERS,${ref}`);
  });

  test('a ref that would make another command of its advice, without that command', async () => {
    await lab.bind([{ ...app, refs: ['refs/heads/main'] }]);
    const answer = await lab.signIn({ claims: { ref: 'refs/heads/a`reboot`' } });
    expectRefusal(answer, 403, 'forbidden');
    expect(answer.json.error.message).toContain('--ref=OTHERS,REF`');
  });

  test('an event of one binding on a ref of another', async () => {
    await lab.bind([
      { ...app, events: ['push'], refs: ['refs/heads/main'] },
      { ...app, events: ['pull_request'], refs: ['refs/pull/*'], scopes: ['read'] },
    ]);
    const of = (event_name: string, ref: string) => lab.signIn({ claims: { event_name, ref } });
    expect((await of('push', 'refs/heads/main')).status).toBe(201);
    expect((await of('pull_request', 'refs/pull/1/merge')).status).toBe(201);
    expect((await of('pull_request', 'refs/heads/main')).status).toBe(403);
  });
});

describe('the bindings of an org', () => {
  test('are shown as they were given, to its admin and the operator', async () => {
    const tokens = await addOrg(lab.server, 'other');
    const given: GithubBinding[] = [
      { repository_owner_id: '12' },
      { ...app, events: ['push'], refs: ['refs/heads/main'], scopes: ['read'] },
    ];
    expect((await lab.bind(given, 'other')).bindings).toEqual(given);
    const list = await lab.server.as(tokens.admin).call('listGithub', { params: { id: 'other' } });
    expect(list).toEqual({ bindings: given, next_cursor: null });
    expect((await lab.bind([], 'other')).bindings).toEqual([]);
  });

  test('end the tokens that they no longer give, and no others', async () => {
    await lab.bind([app, { repository_owner_id: '12' }]);
    const kept = (await lab.signIn()).json.token;
    const ended = (await lab.signIn({ claims: { repository_owner_id: '12' } })).json.token;
    await lab.bind([{ ...app, events: ['push'] }]);
    await lab.server.as(kept).call('listRuns');
    expectRefusal(await lab.server.ask('listRuns', { token: ended }), 401, 'unauthorized');
    await lab.bind([{ ...app, scopes: ['read'] }]);
    expectRefusal(await lab.server.ask('listRuns', { token: kept }), 401, 'unauthorized');
  });

  test.each<[string, unknown]>([
    ['an id as a number', [{ repository_owner_id: 11 }]],
    ['a name in place of an id', [{ repository_owner_id: 'acme' }]],
    ['no owner', [{ repository_id: '4711' }]],
    ['a scope that outlives the token', [{ ...app, scopes: ['admin'] }]],
    ['a scope of agents', [{ ...app, scopes: ['agent'] }]],
    ['a branch that is no whole ref', [{ ...app, refs: ['main'] }]],
    ['no event at all', [{ ...app, events: [] }]],
    ['an event with a star', [{ ...app, events: ['*'] }]],
    ['an object', { bindings: [app] }],
  ])('with %s are refused, and stay as they are', async (_, body) => {
    expectRefusal(await lab.server.ask('setGithub', { params: { id: 'acme' }, body }), 400, 'invalid');
    expect((await lab.server.client.call('listGithub', { params: { id: 'acme' } })).bindings).toEqual([app]);
  });

  test('of an unknown org are not made', async () => {
    expectRefusal(
      await lab.server.ask('setGithub', { params: { id: 'nobody' }, body: [] }),
      404,
      'not_found',
    );
  });
});

describe('a workflow that anybody can set off', () => {
  const events = ['push', 'pull_request_target'];
  const submit = (token: string, target: string) =>
    lab.server.ask('submitRun', {
      token,
      body: { app_version_id: 'v1', tests: ['a.spec.ts'], target, allow_no_device: true },
    });

  test('runs on the targets alone that an admin has named for that', async () => {
    await lab.bind([{ ...app, events }]);
    const { token } = (await lab.signIn({ claims: { event_name: 'pull_request_target' } })).json;
    const refused = await submit(token, 'emulator');
    expectRefusal(refused, 403, 'forbidden');
    expect(refused.json.error.message).toContain('org acme lets it run on none, not on emulator');
    await lab.server.client.call('patchOrg', {
      params: { id: 'acme' },
      body: { untrusted_targets: ['emulator/forks-*'] },
    });
    expect((await submit(token, 'emulator/forks-1')).status).toBe(201);
    expectRefusal(await submit(token, 'emulator'), 403, 'forbidden');
    const trusted = (await lab.signIn({ claims: { event_name: 'push' } })).json.token;
    expect((await submit(trusted, 'emulator')).status).toBe(201);
  });

  test('does not say that it is another one: what GitHub proves goes before what the body says', async () => {
    await lab.bind([{ ...app, events }]);
    const { token } = (await lab.signIn({ claims: { event_name: 'pull_request_target' } })).json;
    const github = { repository: 'acme/app', repository_id: '4711', event_name: 'push', sha: 'a'.repeat(40) };
    const rest = {
      ref: 'refs/heads/main',
      workflow: 'ci',
      job: 'test',
      check_name: '',
      run_id: '1',
      run_attempt: 1,
    };
    const body = { app_version_id: 'v1', tests: ['a.spec.ts'], github: { ...github, ...rest } };
    expectRefusal(await lab.server.ask('submitRun', { token, body }), 403, 'forbidden');
  });
});

test('that a workflow uses its token is noted, and it may end that itself', async () => {
  const token = await lab.tokenFor();
  const client = lab.server.as(token);
  await client.call('whoami');
  await expect
    .poll(() => client.call('whoami'))
    .toMatchObject({ name: 'GitHub OIDC', last_used_at: new Date(lab.now).toISOString() });
  await client.call('deleteToken', { params: { id: token.split('_')[2] ?? '' } });
  expectRefusal(await lab.server.ask('whoami', { token }), 401, 'unauthorized');
});
