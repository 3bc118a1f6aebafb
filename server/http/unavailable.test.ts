import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { addOrg, startTestServer } from '../../test/support/server.ts';
import { expectRefusal, World } from '../../test/support/world.ts';

/** Lets another process take the write lock; returns a function that makes it release the lock. */
async function holdDatabase(file: string): Promise<() => Promise<void>> {
  const script = `
    const database = new (require('node:sqlite').DatabaseSync)(process.argv[1]);
    database.exec('BEGIN IMMEDIATE');
    console.log('held');
    process.stdin.resume().on('end', () => process.exit(0));`;
  const child = spawn(process.execPath, ['-e', script, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return async () => {
    child.stdin.end();
    await once(child, 'exit');
  };
}

test('while another program locks the database, a submit is refused for now, and nothing of it is stored', async () => {
  const server = await startTestServer();
  const acme = new World(server, await addOrg(server, 'acme'));
  const { run } = await acme.submit();
  const release = await holdDatabase(join(server.dataDir, 'qgjob.db'));

  const body = { app_version_id: 'v2', tests: ['b'] };
  const submit = await server.ask('submitRun', { token: acme.tokens.submit, body });
  expectRefusal(submit, 503, 'unavailable');
  expect(submit.headers.get('retry-after')).toBe('1');
  expect(submit.json.error.message).toBe('another program holds the database; try again');

  await release();
  const again = await server.as(acme.tokens.submit).call('submitRun', { body });
  const { runs } = await server.client.call('listRuns');
  expect(runs.map((one) => one.run_id)).toEqual([again.run.run_id, run.run_id]);
});

test('meanwhile the client of a run has its answer, though nobody can note that it is there', async () => {
  let now = Date.UTC(2026, 0, 1);
  const server = await startTestServer({ now: () => now });
  const acme = new World(server, await addOrg(server, 'acme'));
  const { run } = await acme.submit({ on_client_gone: 'cancel' });
  const release = await holdDatabase(join(server.dataDir, 'qgjob.db'));
  now += 20_000;
  const call = { token: acme.tokens.submit, params: { id: run.run_id }, query: { after_rev: 0 } };
  const { status, json } = await server.ask('getRun', call);
  expect([status, json.run_id]).toEqual([200, run.run_id]);
  await release();
});
