import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder, runCli, startCli } from '../support/processes.ts';

async function startLab() {
  const cwd = makeFolder({});
  const server = startCli(['server', '--port=0'], { cwd });
  const [, url = ''] = await server.sees(/^qgjob server listening on (http:\S+)$/m);
  const run = (...args: string[]) => runCli(args, { cwd });
  for (const org of ['acme', 'rival']) expect((await run('orgs', 'create', org)).code).toBe(0);
  return { cwd, url, run };
}

test('what was done is listed, filtered, and printed as JSON and as CSV', async () => {
  const { cwd, url, run } = await startLab();
  const made = await run('tokens', 'create', '--name=ci', '--org-id=acme', '--scopes=admin');
  const token = made.stdout.trim();
  const id = token.split('_')[2] ?? '';
  const operatorId = readFileSync(join(cwd, '.qgjob/admin.token'), 'utf8').split('_')[2] ?? '';

  const listed = await run('audit', '--since=1h');
  expect(listed.stdout).toMatch(/^WHEN +ACTION +TARGET +BY +TOKEN +FROM +ORG +FACTS\n/);
  expect(listed.stdout).toMatch(
    new RegExp(`^20\\S+ \\S+ +token\\.created +${id} +operator +${operatorId} +\\S+ +acme +name=ci `, 'm'),
  );
  expect(listed.stdout).toMatch(/ org\.created +rival /);
  expect(listed.stdout).not.toContain(token);

  const env = { QGJOB_SERVER_URL: url, QGJOB_TOKEN: token };
  const own = JSON.parse((await runCli(['audit', '--json'], { cwd, env })).stdout);
  expect(own.map((entry: { action: string }) => entry.action)).toEqual(['token.created', 'org.created']);
  expect(own[0]).toMatchObject({ target_id: id, actor_name: 'operator', org_id: 'acme' });

  const filtered = (...flags: string[]) =>
    run('audit', '--json', ...flags).then(({ stdout }) => JSON.parse(stdout));
  expect(await filtered('--action=token.created')).toHaveLength(1);
  expect(await filtered(`--target=${id}`)).toHaveLength(1);
  expect(await filtered(`--by-token=${operatorId}`, '--org-id=rival')).toHaveLength(1);
  expect(await filtered('--until=2020-01-01')).toEqual([]);
  const one = await run('audit', '--limit=1');
  expect(one.stderr).toBe('only the newest 1 are shown; see --limit and the filters\n');

  const csv = await run('audit', '--csv');
  expect(csv.stdout).toMatch(/^seq,at,org_id,/);
  expect(csv.stdout.trimEnd().split('\n')).toHaveLength(1 + (await filtered()).length);
});

test('a time that is none, and an action that is none, are refused before anything is asked', async () => {
  const { run } = await startLab();
  expect(await run('audit', '--since=soon')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--since=soon: use a time, like 7d'),
  });
  expect((await run('audit', '--action=nothing')).code).toBe(2);
  expect((await run('audit', '--csv', '--json')).code).toBe(2);
});
