import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder, startCli } from '../support/processes.ts';
import { addOrg, startTestServer } from '../support/server.ts';
import { expectRefusal } from '../support/world.ts';

const lookalikes: [what: string, name: string][] = [
  ['a mark that turns the direction of writing', 'login\u202e.ceps.ts'],
  ['an isolate', 'login\u2066.spec.ts'],
  ['a line separator', 'login\u2028.spec.ts'],
  ['a space without width', 'login\u200b.spec.ts'],
  ['a soft hyphen', 'login\u00ad.spec.ts'],
  ['a tag', 'login\u{e0020}.spec.ts'],
  ['a filler', 'login\u3164.spec.ts'],
  ['an escape', 'login\u001b[8m.spec.ts'],
  ['a line end', 'login\n.spec.ts'],
];

test.each(lookalikes)('a test file with %s in its name is refused', async (_what, name) => {
  const server = await startTestServer();
  const { submit } = await addOrg(server, 'acme');
  const body = { app_version_id: 'v1', tests: [name] };
  expectRefusal(await server.ask('submitRun', { token: submit, body }), 400, 'invalid');
  expect((await server.client.call('listRuns')).runs).toEqual([]);
});

test('what a server keeps is for its user alone, also in a folder that was there for all', async () => {
  const cwd = makeFolder({});
  const dataDir = join(cwd, 'data');
  mkdirSync(dataDir);
  chmodSync(dataDir, 0o755);
  const server = startCli(['server', '--port=0', '--data-dir=data'], { cwd });
  await server.sees(/^qgjob server listening on /m);
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(['qgjob.db', 'admin.token']));
  const open = files.filter((one) => (statSync(join(one.parentPath, one.name)).mode & 0o077) !== 0);
  // Which say where it is, and to a second server that it is there.
  expect(open.map(({ name }) => name).sort()).toEqual(['qgjob.db.lock', 'server.json']);
});
