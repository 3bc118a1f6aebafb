import { expect, test } from 'vitest';
import { runCli } from '../support/processes.ts';
import { tempFolder } from '../support/queue.ts';
import { addOrg, startTestServer } from '../support/server.ts';
import { World } from '../support/world.ts';

test('what was done is a table on a page of 80 columns, and JSON', async () => {
  const server = await startTestServer();
  const acme = new World(server, await addOrg(server, 'acme'));
  await acme.finished();
  const run = (...args: string[]) =>
    runCli(['metrics', ...args], {
      cwd: tempFolder(),
      env: { QGJOB_SERVER_URL: server.url, QGJOB_TOKEN: server.adminToken },
    });
  for (const window of ['1h', '24h', '7d']) {
    const { code, stdout } = await run(`--window=${window}`);
    expect(code).toBe(0);
    expect(stdout).toMatch(/jobs/i);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const { figures } = JSON.parse((await run(`--window=${window}`, '--json')).stdout);
    expect(figures).toMatchObject({ window });
  }
  expect(await run('--window=1y')).toMatchObject({ code: 2 });
});
