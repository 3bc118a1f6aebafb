import { expect, test, vi } from 'vitest';
import { runCli } from '../support/processes.ts';
import { tempFolder } from '../support/queue.ts';
import { addOrg, startTestServer } from '../support/server.ts';
import { World } from '../support/world.ts';

const day = 86_400_000;

/** An org in which `opens` of a.spec.ts was flaky on one target and passed on another one. */
async function openWorld() {
  const server = await startTestServer();
  const tokens = await addOrg(server, 'acme');
  const acme = new World(server, tokens);
  const flaky = await acme.finished({ tests: [{ name: 'opens', status: 'flaky', duration_ms: 1500 }] });
  const steady = await acme.finished();
  // A loop counts what has ended.
  const read = async () => (await server.as(tokens.read).call('listTests')).tests;
  await vi.waitUntil(async () => (await read()).length === 2, { timeout: 100_000, interval: 100 });
  const as = (token: string) => (line: string) =>
    runCli(line.split(' '), {
      cwd: tempFolder(),
      env: { QGJOB_SERVER_URL: server.url, QGJOB_TOKEN: token },
    });
  return { run: as(tokens.admin), submitter: as(tokens.submit), flaky, steady };
}

const found = (text: string) => expect.stringMatching(text);

test('tests are listed by flakiness, and one is shown with its days, by its id or its path', async () => {
  const { run, flaky, steady } = await openWorld();
  const all = await run('tests');
  expect(all).toMatchObject({ code: 0, stdout: found('^ID +TEST +TARGET +FLAKY +P50 +P95 +LAST FAILED') });
  expect(all.stdout.trimEnd().split('\n')).toHaveLength(3);
  const listed = await run('tests --flaky --json');
  const [first, ...others] = JSON.parse(listed.stdout);
  expect(first).toMatchObject({ title: 'opens', target: flaky.target, jobs: { flaky: 1 } });
  expect(others).toEqual([]);
  expect((await run(`tests --slow --target=${steady.target}`)).stdout).toMatch(/a\.spec\.ts: opens .* 0 % /);
  expect(await run('tests --filter=zzz')).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'no such test has run\n',
  });
  expect(await run('tests --limit=1')).toMatchObject({ stderr: found('^only the first 1 are shown') });

  const shown = await run(`tests show a.spec.ts --case opens --target ${flaky.target}`);
  expect(shown).toMatchObject({ code: 0, stdout: found('0 passed, 1 flaky, 0 failed in 30 days') });
  expect(shown.stdout).toContain(`qgjob logs ${flaky.job_id}`);
  expect(await run(`tests show ${first.test_id}`)).toEqual(shown);

  expect(await run('tests show a.spec.ts --case opens')).toMatchObject({
    code: 2,
    stderr: found('is 2 tests: give --target or one of the ids tst_.*, tst_'),
  });
  expect(await run('tests show none.spec.ts')).toMatchObject({
    code: 3,
    stderr: found('no test none.spec.ts has run; `qgjob tests --filter=<text>`'),
  });
  expect(await run('tests --flaky --slow')).toMatchObject({ code: 2, stderr: found('not both') });
  expect(await run('tests a.spec.ts')).toMatchObject({
    code: 2,
    stderr: found('qgjob tests show a.spec.ts'),
  });
});

test('a test goes into quarantine with an owner and an end, is listed, and comes out again', async () => {
  const { run, submitter, flaky, steady } = await openWorld();
  const which = `a.spec.ts --case=opens --target=${flaky.target}`;
  expect(await run(`quarantine add ${which} --owner=@ann`)).toMatchObject({
    code: 2,
    stderr: found('give --until=<day> or --for=<time>'),
  });
  const { code, stdout } = await run(`quarantine add ${which} --owner=@ann --for=14d --json`);
  expect(code).toBe(0);
  const made = JSON.parse(stdout);
  expect(made).toMatchObject({ owner: '@ann', reason: 'flaky in 1 of 1 jobs', status: 'active' });
  expect(made.lanes).toHaveLength(2);
  expect(Date.parse(made.ends_at) - Date.parse(made.created_at)).toBeLessThanOrEqual(14 * day);

  const until = new Date(Date.now() + 30 * day).toISOString().slice(0, 10);
  const changed = await run(`quarantine add ${made.test_id} --owner=@bo --until=${until} --lane=merge-queue`);
  expect(changed).toMatchObject({
    code: 0,
    stdout: found(`until ${until} UTC[\\s\\S]*@bo[\\s\\S]*merge-queue\n`),
  });
  expect((await run('quarantine')).stdout).toMatch(new RegExp(`@bo +${until} +merge-queue +- +flaky in 1`));
  expect((await run('tests')).stdout).toContain(`@bo, until ${until}`);

  const never = `a.spec.ts --case=opens --target=${steady.target} --owner=@ann --for=1d`;
  expect(await run(`quarantine add ${never}`)).toMatchObject({
    code: 2,
    stderr: found('say why by --reason'),
  });
  expect(await submitter(`quarantine add ${which} --owner=@ann --for=1d`)).toMatchObject({
    code: 3,
    stderr: found('\\(request [\\w-]+\\)\n$'),
  });
  expect(await run(`quarantine add ${which} --owner=@ann --for=91d`)).toMatchObject({ code: 2 });

  const other = await run(`quarantine add ${never} --reason=slow --json`);
  const both = await run('quarantine remove a.spec.ts');
  expect(both.code).toBe(2);
  for (const [{ quarantine_id: id }, { target }] of [
    [made, flaky],
    [JSON.parse(other.stdout), steady],
  ])
    expect(both.stderr).toContain(`\`qgjob quarantine remove ${id}\` (a.spec.ts: opens on ${target})`);
  expect((await run(`quarantine remove a.spec.ts --target=${steady.target}`)).code).toBe(0);
  expect(await run('quarantine remove a.spec.ts')).toMatchObject({
    code: 0,
    stdout: `${made.quarantine_id}\n`,
  });
  expect(await run('quarantine list')).toMatchObject({ stdout: '', stderr: 'no test is in quarantine\n' });
  expect((await run('quarantine list --ended')).stdout).toContain(made.quarantine_id);
  expect(await run('quarantine remove a.spec.ts')).toMatchObject({
    code: 3,
    stderr: found('a.spec.ts is not in quarantine; `qgjob quarantine list`'),
  });
});
