import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder, startCli } from '../support/processes.ts';
import { askRaw } from '../support/server.ts';

test('a server whose folder was deleted still answers an upload, and ends when it is told to', async () => {
  const cwd = makeFolder({});
  const server = startCli(['server', '--port=0'], { cwd });
  const [, url = ''] = await server.sees(/listening on (\S+)/);
  const token = readFileSync(join(cwd, '.qgjob/admin.token'), 'utf8').trim();
  await askRaw(url, 'createOrg', { token, body: { org_id: 'acme' } });
  rmSync(cwd, { recursive: true });
  const { status } = await askRaw(url, 'uploadBundle', {
    ...{ token, params: { sha256: '0'.repeat(64) }, query: { org_id: 'acme' } },
    body: new Uint8Array(10),
  });
  expect(status).toBeGreaterThanOrEqual(400);
  expect((await server.stop('SIGTERM')).code).toBe(0);
});
