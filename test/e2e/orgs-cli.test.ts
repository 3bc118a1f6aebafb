import { expect, test } from 'vitest';
import { makeFolder, runCli, startCli } from '../support/processes.ts';

test('orgs are made and listed, and repositories are bound to one, shown and unbound', async () => {
  const cwd = makeFolder({});
  const server = startCli(['server', '--port=0'], { cwd });
  await server.sees(/^qgjob server listening on /m);
  const run = (...args: string[]) => runCli(['orgs', ...args], { cwd });

  expect(await run('create', 'acme')).toEqual({ code: 0, stdout: 'acme\n', stderr: '' });
  expect(await run('create', 'acme')).toMatchObject({ code: 3, stdout: '' });
  expect((await run()).stdout).toMatch(/^ORG +WEIGHT +LEASES +PAUSED\nacme +1 +any\s*\n$/);
  expect(JSON.parse((await run('list', '--json')).stdout)).toMatchObject([{ org_id: 'acme' }]);

  expect((await run('quotas', 'acme')).stdout).toMatch(
    /^QUOTA +MOST\nqueued_jobs +100000\nstorage_bytes +any\n/,
  );
  const set = await run('quotas', 'acme', '--set=queued_jobs=3', '--set=agents=none', '--json');
  expect(JSON.parse(set.stdout)).toMatchObject({ queued_jobs: 3, agents: null, devices: 20_000 });
  expect(await run('quotas', 'acme', '--set=phones=3')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--set: "phones=3" is no quota'),
  });
  expect((await run('untrusted', 'acme')).stderr).toBe('code of strangers runs on no target of org acme\n');
  expect((await run('untrusted', 'acme', '--target=emulator/forks,device/forks-*')).stdout).toBe(
    'device/forks-*\nemulator/forks\n',
  );
  expect(await run('untrusted', 'acme', '--target=phones')).toMatchObject({ code: 2 });
  expect((await run('untrusted', 'acme', '--none', '--json')).stdout).toBe('[]\n');
  expect(await run('quotas', 'globex')).toMatchObject({ code: 3 });

  expect(await run('github', 'acme')).toEqual({
    ...{ code: 0, stdout: '' },
    stderr: 'no repository is bound to org acme\n',
  });
  const ids = ['--owner-id=11', '--repository-id=4711'];
  const bound = await run('github', 'acme', ...ids);
  expect(bound.code).toBe(0);
  expect(bound.stdout).toMatch(
    /^OWNER ID +REPOSITORY ID +EVENTS +REFS +SCOPES\n11 +4711 +push,.*release +all +submit\n$/,
  );
  const policy = ['--event=push', '--ref=refs/heads/main,refs/tags/v*', '--json'];
  expect(JSON.parse((await run('github', 'acme', ...ids, ...policy)).stdout)).toEqual([
    {
      ...{ repository_owner_id: '11', repository_id: '4711' },
      ...{ events: ['push'], refs: ['refs/heads/main', 'refs/tags/v*'] },
    },
  ]);
  expect((await run('github', 'acme', ...ids, '--remove')).stderr).toBe(
    'no repository is bound to org acme\n',
  );

  expect(await run('github', 'acme', '--owner-id=acme')).toMatchObject({
    ...{ code: 2, stdout: '' },
    stderr: expect.stringContaining('--owner-id: "acme" is no number'),
  });
  expect(await run('github', 'globex', ...ids)).toMatchObject({ code: 3 });
  expect(await run('nonsense')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('`qgjob orgs` knows list, create, github, quotas and untrusted'),
  });
  expect((await run('github', '--help')).stdout).toContain('gh api repos/acme/app --jq \'"--owner-id=');
});
