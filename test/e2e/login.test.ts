import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeFolder, runCli, runShell, startCli } from '../support/processes.ts';
import { startProxy } from '../support/proxy.ts';

/** A server in a folder of its own, a token for acme, and an empty folder that is also the home of its user. */
async function openServer() {
  const folder = makeFolder({});
  const server = startCli(['server', '--port=0'], { cwd: folder });
  const [, url = ''] = await server.sees(/^qgjob server listening on (http:\S+)$/m);
  await runCli(['orgs', 'create', 'acme'], { cwd: folder });
  const made = await runCli(['tokens', 'create', '--name=laptop', '--org-id=acme', '--scopes=submit'], {
    cwd: folder,
  });
  return { url, folder, token: made.stdout.trim(), cwd: makeFolder({}) };
}

const profile = (cwd: string): string => join(cwd, '.config/qgjob/profiles.json');

test('a login is checked and kept for its user alone, later commands need neither address nor token', async () => {
  const { url, token, cwd } = await openServer();
  const refused = await runShell('echo qgj_sub_wrong | "$@"', ['login', url], { cwd });
  expect(refused).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('not valid here') });
  expect(existsSync(profile(cwd))).toBe(false);

  const login = await runShell(`echo ${token} | "$@"`, ['login', url], { cwd });
  expect(login).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(`^signed in to ${url}: org acme, submit, until 20`),
    stderr: expect.stringContaining('next: `qgjob runs`'),
  });
  expect(login.stdout + login.stderr).not.toContain(token);
  expect(statSync(profile(cwd)).mode & 0o777).toBe(0o600);
  expect(statSync(join(cwd, '.config/qgjob')).mode & 0o777).toBe(0o700);

  expect(await runCli(['runs'], { cwd })).toMatchObject({ code: 0, stderr: 'no runs\n' });
  const who = await runCli(['whoami'], { cwd });
  expect(who.stdout).toMatch(/^server +http.*\n +from +the profile of `qgjob login`\ntoken +laptop \(/);
  expect(who.stdout).not.toContain(token);
  // A server that a file names gets the token of the login there.
  writeFileSync(join(cwd, 'qgjob.config.json'), JSON.stringify({ server_url: url }));
  expect((await runCli(['whoami'], { cwd })).stdout).toMatch(/from +qgjob\.config\.json/);

  expect((await runCli(['logout'], { cwd })).stdout).toBe(`signed out of ${url}\n`);
  expect(readFileSync(profile(cwd), 'utf8')).not.toContain(token);
  expect(await runCli(['runs'], { cwd })).toMatchObject({
    code: 3,
    stderr: expect.stringContaining(`qgjob login ${url}`),
  });
  expect((await runCli(['logout'], { cwd })).code).toBe(3);
});

test('a logout ends the token itself, where it is told to', async () => {
  const { url, token, cwd } = await openServer();
  const login = () => runShell(`echo ${token} | "$@"`, ['login', url, '--token=-'], { cwd });
  await login();
  expect(await runCli(['logout', '--revoke'], { cwd })).toMatchObject({
    code: 0,
    stdout: `signed out of ${url}\n`,
    stderr: expect.stringContaining('the token is revoked'),
  });
  expect(readFileSync(profile(cwd), 'utf8')).not.toContain(token);
  const env = { QGJOB_SERVER_URL: url, QGJOB_TOKEN: token };
  expect(await runCli(['whoami'], { cwd, env })).toMatchObject({ code: 3 });
});

test('the token of a login goes to its own origin alone, and not to an agent', async () => {
  const { url, token, cwd } = await openServer();
  await runShell(`echo ${token} | "$@"`, ['login', url, '--token=-'], { cwd });
  const asked: (string | undefined)[] = [];
  const other = await startProxy(url, ({ headers }) => {
    asked.push(headers.authorization);
    return undefined;
  });
  onTestFinished(other.close);
  expect(await runCli(['runs', `--server-url=${other.url}`], { cwd })).toMatchObject({
    code: 3,
    stderr: expect.stringContaining(`no token found: sign in with \`qgjob login ${other.url}\``),
  });
  expect(await runCli(['runs'], { cwd, env: { QGJOB_SERVER_URL: other.url } })).toMatchObject({ code: 3 });
  expect(asked).toEqual([]);
  expect(await runCli(['agent'], { cwd })).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('no server found'),
  });
});

test('whoami and doctor say which setting won, and never the token', async () => {
  const { url, token, folder, cwd } = await openServer();
  const env = { QGJOB_SERVER_URL: url, QGJOB_TOKEN: token };
  const json = await runCli(['whoami', '--json'], { cwd, env });
  expect(JSON.parse(json.stdout)).toMatchObject({
    server_url: url,
    server_from: 'QGJOB_SERVER_URL',
    token_from: 'QGJOB_TOKEN',
    ...{ name: 'laptop', org_id: 'acme', scopes: ['submit'], shared: false, repository: null },
  });
  const operator = await runCli(['whoami'], { cwd: folder });
  expect(operator.stdout).toMatch(/from +\.qgjob\/server\.json[\s\S]*from +\.qgjob\/admin\.token\norg +all/);
  const doctor = await runCli(['doctor'], { cwd, env });
  expect(doctor.stdout).toMatch(/server +http\S+ \(from QGJOB_SERVER_URL in the environment\) answers/);
  expect(doctor.stdout).toMatch(/token +from QGJOB_TOKEN in the environment: org acme, submit, until 20/);
  const both = await runCli(['doctor', '--server'], { cwd, env });
  expect(both.stdout).toContain('from QGJOB_TOKEN in the environment');
  for (const { stdout, stderr } of [json, operator, doctor, both])
    expect(stdout + stderr).not.toContain(token);
});

test('a server of another version is said once, on stderr', async () => {
  const { url, token, cwd } = await openServer();
  const proxy = await startProxy(url, () => ({
    status: 200,
    body: JSON.stringify({ devices: [], next_cursor: null }),
    headers: { 'content-type': 'application/json', 'x-qgjob-version': '9.1.0' },
  }));
  onTestFinished(proxy.close);
  const env = { QGJOB_SERVER_URL: proxy.url, QGJOB_TOKEN: token };
  const { code, stdout, stderr } = await runCli(['devices', '--json'], { cwd, env });
  expect({ code, stdout }).toEqual({ code: 0, stdout: '[]\n' });
  expect(stderr).toMatch(/^qgjob: this command is of version \S+, the server of 9\.1\.0; .*\n$/);
});

test('a login asks for the address where only a file of the folder names one, and sends no token there', async () => {
  const cwd = makeFolder({});
  const asked: (string | undefined)[] = [];
  const trap = await startProxy('http://127.0.0.1:9', ({ headers }) => {
    asked.push(headers.authorization);
    return { status: 200, body: '{}', headers: { 'content-type': 'application/json' } };
  });
  onTestFinished(trap.close);
  writeFileSync(join(cwd, 'qgjob.config.json'), JSON.stringify({ server_url: trap.url }));
  expect(await runShell('echo qgj_sub_secret | "$@"', ['login'], { cwd })).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining(`if you trust that server, sign in with \`qgjob login ${trap.url}\``),
  });
  expect(asked).toEqual([]);
});
