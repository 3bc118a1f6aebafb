import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { json, serve } from '../../client/test-support/serve.ts';
import { versionHeader } from '../../protocol/version-header.ts';
import { type Ended, makeFolder, runCli } from '../support/processes.ts';
import { addOrg, startTestServer } from '../support/server.ts';

interface Mistake {
  readonly what: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Beside the tests in the folder. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A server with an org of the caller and a job of another one; its clock is ours. */
async function startFarm() {
  let ahead = 0;
  const server = await startTestServer({ now: () => Date.now() + ahead });
  const [acme, rival] = [await addOrg(server, 'acme'), await addOrg(server, 'rival')];
  const submit = async (token: string) => {
    const body = { app_version_id: 'v1', tests: ['tests/a.sh'], allow_no_device: true };
    const { run, jobs } = await server.as(token).call('submitRun', { body });
    return { run: run.run_id, job: jobs[0]?.job_id ?? '' };
  };
  const short = { name: 'short', org_id: 'acme', scopes: ['read' as const] };
  const expired = await server.client.call('createToken', { body: { ...short, expires_in_days: 1 } });
  const revoked = await server.client.call('createToken', { body: { ...short, expires_in_days: 30 } });
  await server.client.call('deleteToken', { params: { id: revoked.token_id } });
  ahead = 2 * 24 * 3_600_000;
  const [own, foreign] = [await submit(acme.submit), await submit(rival.submit)];
  return { server, acme, own, foreign, expired: expired.token, revoked: revoked.token };
}

/** A port of this machine at which nobody listens. */
async function closedPort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as { port: number };
  await new Promise((resolve) => listener.close(resolve));
  return port;
}

async function mistakes(): Promise<{ readonly all: readonly Mistake[]; readonly names: [string, string][] }> {
  const { server, acme, own, foreign, expired, revoked } = await startFarm();
  const port = new URL(server.url).port;
  const closed = await closedPort();
  const newer = await serve(json(200, { runs: [], next_cursor: null }, { [versionHeader]: '9.9.0' }));
  const page = await serve((response) =>
    response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>'),
  );
  const site = await serve((response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>'),
  );
  const as = (token: string) => ({ QGJOB_SERVER_URL: server.url, QGJOB_TOKEN: token });
  const at = (url: string) => ({ QGJOB_SERVER_URL: url, QGJOB_TOKEN: acme.submit });
  const env = as(acme.submit);
  const submit = ['submit', '--app-version-id=v1', '--source=workspace'];
  const all: Mistake[] = [
    { what: 'no server is known', args: ['runs'] },
    { what: 'nobody listens at the address', args: ['runs'], env: at(`http://127.0.0.1:${closed}`) },
    { what: 'the address is that of a proxy without a server', args: ['runs'], env: at(page.url) },
    { what: 'the address is that of another site', args: ['runs'], env: at(site.url) },
    { what: 'plain http to another machine', args: ['runs'], env: at('http://queue.example.com') },
    { what: 'the address is none', args: ['runs', '--server-url=queue.example.com'] },
    { what: 'a server of another version', args: ['runs'], env: at(newer.url) },
    { what: 'no token', args: ['runs', `--server-url=${server.url}`] },
    { what: 'a wrong token', args: ['runs'], env: as('qgj_sub_acme_wrong') },
    { what: 'a token that was cut out badly', args: ['runs'], env: as('qgj_sub acme') },
    { what: 'a token that has expired', args: ['runs'], env: as(expired) },
    { what: 'a token that was revoked', args: ['runs'], env: as(revoked) },
    { what: 'a token that may only read', args: [...submit, '--test=tests/a.sh'], env: as(acme.read) },
    { what: 'a job of another org', args: ['status', foreign.job], env },
    { what: 'another org by its name', args: ['runs', '--org-id=rival'], env },
    { what: 'an unknown job', args: ['logs', 'job_01unknown'], env },
    { what: 'something that is no id', args: ['status', 'tests/a.sh'], env },
    { what: 'no id', args: ['wait'], env },
    { what: 'a run where a job is asked for', args: ['repro', own.run], env },
    { what: 'a run that is not final is retried', args: ['retry', own.run], env },
    { what: 'a mistyped command', args: ['sumbit'] },
    { what: 'a mistyped flag', args: [...submit, '--tset=tests/a.sh'], env },
    { what: 'a flag without its value', args: ['runs', '--limit'], env },
    { what: 'a time that is none', args: ['wait', own.run, '--timeout=soon'], env },
    { what: 'a limit that is too high', args: ['runs', '--limit=9999'], env },
    { what: 'no test matches', args: [...submit, '--test=e2e/**/*.spec.ts'], env },
    { what: 'a test that is not there', args: ['submit', '--app-version-id=v1', '--test=tests/b.sh'], env },
    { what: 'no app version', args: ['submit', '--test=tests/a.sh'], env },
    { what: 'an app that is not there', args: ['submit', '--app=app.apk', '--test=tests/a.sh'], env },
    { what: 'an app that is no build', args: ['submit', '--app=tests/a.sh', '--test=tests/a.sh'], env },
    { what: 'a mistyped target', args: [...submit, '--test=tests/a.sh', '--target=emulater'], env },
    {
      what: 'a target without any device',
      args: [...submit, '--test=tests/a.sh', '--target=device/pixel-99'],
      env,
    },
    {
      what: 'settings that are not JSON',
      args: ['runs'],
      files: { 'qgjob.config.json': '{ server_url: 1 }' },
    },
    {
      what: 'a setting that is not known',
      args: ['runs'],
      files: { 'qgjob.config.json': '{ "server": "x" }' },
    },
    {
      what: 'settings of an agent that are wrong',
      args: ['agent'],
      env,
      files: { 'qgjob.agent.json': '{ "devices": [{ "driver": "adb", "count": 2 }] }' },
    },
    { what: 'the port is taken', args: ['server', `--port=${port}`] },
    { what: 'a backup that is not there', args: ['restore', 'backup.tar'] },
  ];
  const names: [string, string][] = [
    // Before ports, whose digits may be in them.
    [own.run, 'run_own'],
    [own.job, 'job_own'],
    [foreign.job, 'job_foreign'],
    [page.url, 'http://proxy.example'],
    [site.url, 'http://site.example'],
    [newer.url, 'http://newer.example'],
    [server.url, 'http://server.example'],
    [`127.0.0.1:${closed}`, 'closed.example'],
    [port, '<port>'],
  ];
  return { all, names };
}

interface Told extends Ended {
  readonly mistake: Mistake;
  readonly cwd: string;
}

async function make(mistake: Mistake): Promise<Told> {
  const cwd = makeFolder({ 'tests/a.sh': '', 'home/.keep': '', ...mistake.files });
  const env = { HOME: join(cwd, 'home'), ...mistake.env };
  return { ...(await runCli(mistake.args, { cwd, env })), mistake, cwd };
}

const atOnce = 3;

test('typical mistakes are said in a line: what, why, and what to do next', async () => {
  const { all, names } = await mistakes();
  const told: Told[] = [];
  for (let from = 0; from < all.length; from += atOnce)
    told.push(...(await Promise.all(all.slice(from, from + atOnce).map(make))));
  const texts = told.map(({ mistake: { what, args }, code, stderr, cwd }) => {
    const text = `# ${what}\n$ qgjob ${args.join(' ')}\n${stderr}exit ${code}\n`;
    const withoutIds = text
      .replaceAll(/\b(request )[\w-]{6,}/g, '$1<id>')
      .replaceAll(/\b(this command is of version )[\w.+-]*\w/g, '$1<version>');
    return [...names, [cwd, '<folder>'] as const]
      .reduce((left, [from, to]) => left.replaceAll(from, to), withoutIds)
      .replaceAll(/\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?/g, '<instant>');
  });
  await expect(texts.join('\n')).toMatchFileSnapshot('errors.txt');
  for (const { mistake, code, stdout, stderr } of told) {
    const { what } = mistake;
    expect(code === 0, what).toBe(what === 'a server of another version');
    expect(stdout, what).toBe('');
    expect(stderr, what).not.toMatch(/^\s+at .*:\d+|this is a bug|undefined|\[object/m);
    expect(stderr, what).toMatch(/^qgjob( agent)?: \S/m);
  }
}, 300_000);
