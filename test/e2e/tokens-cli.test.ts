import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder, runCli, runShell, startCli } from '../support/processes.ts';

async function startLab() {
  const cwd = makeFolder({});
  const server = startCli(['server', '--port=0'], { cwd });
  const [, url = ''] = await server.sees(/^qgjob server listening on (http:\S+)$/m);
  const run = (...args: string[]) => runCli(['tokens', ...args], { cwd });
  const admin = readFileSync(join(cwd, '.qgjob/admin.token'), 'utf8').trim();
  const made = await fetch(`${url}/v1/orgs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin}` },
    body: JSON.stringify({ org_id: 'acme' }),
  });
  expect(made.status).toBe(201);
  return { cwd, url, run };
}

test('a token is made, printed once and alone, listed, used and revoked', async () => {
  const { cwd, url, run } = await startLab();
  const args = [
    'tokens',
    'create',
    '--name=rack-1',
    '--org-id=acme',
    '--scopes=agent',
    '--agent-names=rack-*',
  ];
  const made = await runShell('umask 077; "$@" > agent.token', args, { cwd });
  expect(made).toMatchObject({ code: 0, stdout: '' });
  expect(made.stderr).toMatch(
    /^token [0-9a-f]{24}, of org acme, agent, until 20\d\d-\d\d-\d\d; it is not shown again\n$/,
  );
  const file = join(cwd, 'agent.token');
  expect(readFileSync(file, 'utf8')).toMatch(/^qgj_agt_[0-9a-f]{24}_[0-9a-f]{72}\n$/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const token = readFileSync(file, 'utf8').trim();
  const id = token.split('_')[2] ?? '';

  const listed = await run('list', '--org-id=acme');
  expect(listed.stdout).toMatch(/^TOKEN +NAME +ORG +SCOPES +AGENTS +EXPIRES +LAST USED\n/);
  expect(listed.stdout).toMatch(new RegExp(`^${id} +rack-1 +acme +agent +rack-\\* +20`, 'm'));
  expect(listed.stdout).not.toContain(token.slice(-72));
  const json = JSON.parse((await run('--json')).stdout);
  expect(json).toContainEqual(
    expect.objectContaining({ token_id: id, agent_names: 'rack-*', shared: false }),
  );

  expect(await run('revoke', id)).toEqual({ code: 0, stdout: `${id}\n`, stderr: '' });
  expect((await run('list', '--json')).stdout).not.toContain(id);
  const env = { QGJOB_SERVER_URL: url, QGJOB_TOKEN: token };
  const agent = await runCli(['agent', '--name=rack-1'], { cwd, env });
  expect(agent).toMatchObject({ code: 3, stderr: expect.stringContaining('this token is not valid here') });
});

test('a shared token needs no scope; --json prints the answer', async () => {
  const { run } = await startLab();
  const { code, stdout, stderr } = await run(
    'create',
    '--name=racks',
    '--shared',
    '--expires-in-days=7',
    '--json',
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ org_id: null, scopes: ['agent'], token: expect.any(String) });
});

const refusals: [code: number, args: string[], says: RegExp][] = [
  [2, ['create', '--org-id=acme', '--scopes=read'], /--name/],
  [
    2,
    ['create', '--name=x', '--org-id=acme'],
    /^qgjob: --scopes: name at least one of admin, submit, read, agent\n$/,
  ],
  [2, ['create', '--name=x', '--org-id=acme', '--scopes=reed'], /^qgjob: --scopes: "reed" is none of /],
  [2, ['create', '--name=x', '--scopes=read'], /^qgjob: --org-id: name the org, or /],
  [2, ['create', '--name=x', '--shared', '--org-id=acme'], /^qgjob: --shared: /],
  [2, ['create', '--name=x', '--shared', '--agent-names=a b'], /^qgjob: --agent-names: /],
  [3, ['create', '--name=x', '--org-id=nobody', '--scopes=read'], /^qgjob: no org nobody/],
  [3, ['revoke', '0'.repeat(24)], /^qgjob: no token 0{24}/],
  [2, ['revoke'], /missing required argument 'ids'/],
  [2, ['rotate'], /^qgjob: give either the id of a token, or --own/],
  [2, ['rotate', '0'.repeat(24), '--own'], /^qgjob: give either the id of a token, or --own/],
  [2, ['rotate', '0'.repeat(24), '--overlap-minutes=10081'], /^qgjob: --overlap-minutes: /],
  [3, ['rotate', '0'.repeat(24)], /^qgjob: no token 0{24}/],
  [
    2,
    ['make'],
    /^qgjob: unexpected argument make; `qgjob tokens` knows create, list, rotate, revoke and recover\n$/,
  ],
];

test('what cannot be done is refused with the reason and its exit code', async () => {
  const { run } = await startLab();
  for (const [code, args, says] of refusals) {
    const ended = await run(...args);
    expect.soft(ended.stderr).toMatch(says);
    expect.soft(ended, args.join(' ')).toMatchObject({ code, stdout: '' });
  }
});

test('a token is replaced by another one, also that of the operator, whose file gets the new one', async () => {
  const { cwd, run } = await startLab();
  const first = (await run('create', '--name=ci', '--org-id=acme', '--scopes=submit')).stdout.trim();
  const id = first.split('_')[2] ?? '';
  const rotated = await run('rotate', id, '--overlap-minutes=0');
  expect(rotated).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^qgj_sub_[0-9a-f]{24}_[0-9a-f]{72}\n$/),
    stderr: expect.stringMatching(
      new RegExp(`^token [0-9a-f]{24} replaces ${id}, until 20.*ends in 0 minutes\n$`),
    ),
  });
  const own = await run('rotate', '--own', `--token=${rotated.stdout.trim()}`, '--json');
  expect(JSON.parse(own.stdout)).toMatchObject({ org_id: 'acme', scopes: ['submit'] });
  expect(await run('rotate', '--own', `--token=${first}`)).toMatchObject({ code: 3 });

  const file = join(cwd, '.qgjob/admin.token');
  const before = readFileSync(file, 'utf8').trim();
  const operator = await run('rotate', '--own');
  expect(operator.stdout.trim()).toMatch(/^qgj_op_/);
  expect(readFileSync(file, 'utf8')).toBe(operator.stdout);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  // The old one goes on for an hour, the new one without an end.
  expect((await run('list', `--token=${before}`)).code).toBe(0);
  expect((await run('list')).stdout).toMatch(/operator, rotated +operator +never/);
});

test('whoever holds the database gets another token of the operator, where no server runs', async () => {
  const cwd = makeFolder({});
  const recover = (...args: string[]) => runCli(['tokens', 'recover', ...args], { cwd });
  expect(await recover()).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^qgjob: there is no database /),
  });
  const server = startCli(['server', '--port=0'], { cwd });
  await server.sees(/^qgjob server listening on (http:\S+)$/m);
  const file = join(cwd, '.qgjob/admin.token');
  const first = readFileSync(file, 'utf8').trim();
  expect(await recover()).toMatchObject({
    code: 4,
    stderr: expect.stringMatching(/already runs on \S+; stop it, run this again, and start it\n$/),
  });
  expect(readFileSync(file, 'utf8').trim()).toBe(first);
  await server.stop();

  expect(await recover()).toMatchObject({
    code: 0,
    stdout: '.qgjob/admin.token\n',
    stderr: expect.stringMatching(/still good/),
  });
  const second = readFileSync(file, 'utf8').trim();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await recover('--revoke-others')).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/have ended/),
  });
  const third = readFileSync(file, 'utf8').trim();
  expect(new Set([first, second, third]).size).toBe(3);

  const again = startCli(['server', '--port=0'], { cwd });
  const [, url = ''] = await again.sees(/^qgjob server listening on (http:\S+)$/m);
  const statusOf = async (token: string) =>
    (await fetch(`${url}/v1/orgs`, { headers: { authorization: `Bearer ${token}` } })).status;
  expect(await Promise.all([first, second, third].map(statusOf))).toEqual([401, 401, 200]);
  // A start makes no other.
  expect(readFileSync(file, 'utf8').trim()).toBe(third);
});
