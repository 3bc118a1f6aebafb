import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { backupType } from '../../protocol/backup.ts';
import { takeBackup } from '../support/backup-lab.ts';
import { makeFolder, runCli, runShell, startCli, startLab } from '../support/processes.ts';
import { dumpDatabase, startTestServer } from '../support/server.ts';

test('a backup of a server that works, made beside its load, becomes a server that goes on', async () => {
  const { cwd, server, agent, run } = await startLab({
    'tests/a.sh': 'echo from a',
    'tests/b.sh': 'echo from b',
  });
  const submit = () =>
    run(
      'submit',
      '--org-id=acme',
      '--app-version-id=v1',
      '--test=tests/*.sh',
      '--target=emulator',
      '--wait',
      '--json',
    );
  const first = await submit();
  expect(first.code).toBe(0);
  // Under way while the backup is made.
  const others = [submit(), submit()];
  const backup = await run('backup', 'backup.tar');
  expect(backup).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^backup\.tar: \d+ jobs in \d runs, \d+ files, .*, as of 20\S+Z\n$/),
    stderr: '',
  });
  expect(statSync(join(cwd, 'backup.tar')).mode & 0o777).toBe(0o600);
  expect((await Promise.all(others)).map(({ code }) => code)).toEqual([0, 0]);

  const [answer] = first.stdout.split('\n').map((line) => line && JSON.parse(line));
  const jobIds = answer.jobs.map((job: { job_id: string }) => job.job_id);
  const seen = async (at: string) => ({
    jobs: await Promise.all(jobIds.map((id: string) => run('status', id, '--json', `--data-dir=${at}`))),
    logs: await Promise.all(jobIds.map((id: string) => run('logs', id, `--data-dir=${at}`))),
  });
  const before = await seen('.qgjob');
  await agent.stop();
  await server.stop();

  const restored = await run('restore', 'backup.tar', '--data-dir=restored');
  expect(restored).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^restored into restored: \d+ jobs in \d runs, as of 20\S+Z\n$/),
    stderr: expect.stringMatching(
      /next: `qgjob server --data-dir=restored`; the operator's token is the one of before/,
    ),
  });
  writeFileSync(join(cwd, 'restored/admin.token'), readFileSync(join(cwd, '.qgjob/admin.token')), {
    mode: 0o600,
  });
  const again = startCli(['server', '--port=0', '--data-dir=restored'], { cwd });
  await again.sees(/^qgjob server listening on http:\S+$/m);
  expect(await seen('restored')).toEqual(before);
  // What was under way at the moment of the backup is done again, or was not in it.
  const newAgent = startCli(['agent', '--data-dir=restored'], { cwd });
  await newAgent.sees(/agent rack serves/);
  const runs = await run('list', '--json', '--data-dir=restored');
  const ids: string[] = [
    ...new Set(JSON.parse(runs.stdout).map((job: { run_id: string }) => job.run_id)),
  ] as string[];
  expect((await run('wait', ...ids, '--data-dir=restored')).code).toBe(0);
});

test('a backup needs no server: the folder of one that was killed is enough, and is looked at by the next start', async () => {
  const cwd = makeFolder({});
  const server = startCli(['server', '--port=0'], { cwd });
  await server.sees(/^qgjob server listening on http:\S+$/m);
  await server.stop('SIGKILL');
  const made = await runCli(['backup', 'a.tar'], { cwd });
  expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining('no server runs on the folder') });
  expect(existsSync(join(cwd, '.qgjob/qgjob.db.check'))).toBe(true);
  const restored = await runCli(['restore', 'a.tar', '--data-dir=b', '--json'], { cwd });
  expect(JSON.parse(restored.stdout)).toMatchObject({
    data_dir: 'b',
    files: 0,
    missing: 0,
    has_token: false,
  });
  const { tokens } = dumpDatabase(join(cwd, 'b'));
  expect(tokens).toEqual(dumpDatabase(join(cwd, '.qgjob')).tokens);
});

/** Answers every call so. */
async function serveOnce(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => answer(response)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('no file is replaced without --force, and a stream that is cut off leaves none', async () => {
  const server = await startTestServer();
  const cwd = makeFolder({ 'a.tar': 'mine' });
  const env = { QGJOB_SERVER_URL: server.url, QGJOB_TOKEN: server.adminToken };
  const run = (...args: string[]) => runCli(['backup', ...args], { cwd, env });
  expect(await run('a.tar')).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/^qgjob: a\.tar is there already; /),
  });
  expect(readFileSync(join(cwd, 'a.tar'), 'utf8')).toBe('mine');
  expect(await run('a.tar', '--force', '--no-blobs', '--json')).toMatchObject({ code: 0 });
  expect(statSync(join(cwd, 'a.tar')).size).toBeGreaterThan(100_000);

  const whole = await takeBackup(server);
  for (const end of ['destroy', 'end'] as const) {
    const url = await serveOnce((answer) => {
      answer.writeHead(200, { 'content-type': backupType });
      answer.write(whole.subarray(0, 50_000), () => answer[end]());
    });
    const cut = await run('b.tar', `--server-url=${url}`, '--token=any');
    expect(cut, end).toMatchObject({
      code: 4,
      stdout: '',
      stderr: expect.stringMatching(/^qgjob: [^\n]+\n$/),
    });
    expect(readdirSync(cwd)).toEqual(['a.tar']);
  }
  const piped = await runShell('"$@" | wc -c', ['backup', '-'], { cwd, env });
  expect(Number(piped.stdout)).toBeGreaterThan(100_000);
});

test('who is not the operator gets none, and what is no backup is not restored', async () => {
  const server = await startTestServer();
  await server.client.call('createOrg', { body: { org_id: 'acme' } });
  const { token } = await server.client.call('createToken', {
    body: { name: 'a', org_id: 'acme', scopes: ['admin'] },
  });
  const cwd = makeFolder({ 'not.tar': 'not a backup' });
  const env = { QGJOB_SERVER_URL: server.url, QGJOB_TOKEN: token };
  expect(await runCli(['backup', 'a.tar'], { cwd, env })).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("the operator's token"),
  });
  expect(await runCli(['restore', 'not.tar', '--data-dir=b'], { cwd })).toMatchObject({ code: 1 });
  expect(await runCli(['restore', 'missing.tar', '--data-dir=b'], { cwd })).toMatchObject({ code: 2 });
  expect(
    await runCli(['restore', 'not.tar', `--data-dir=${server.dataDir}`, '--force'], { cwd }),
  ).toMatchObject({ code: 4 });
  expect(readdirSync(cwd).sort()).toEqual(['b', 'not.tar']);
});
