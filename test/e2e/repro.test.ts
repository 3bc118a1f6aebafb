import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeFolder } from '../support/processes.ts';
import { type ProxyRule, startProxy } from '../support/proxy.ts';
import { clientOf, makeSuite, type ReproLab, startReproLab } from '../support/repro-lab.ts';
import { projectRoot } from '../support/sources.ts';

/** The device has the app that the install puts there, and the test looks whether it does. */
const byCommand = {
  frameworks: {
    default: 'command',
    command: {
      install: ['sh', '-c', 'cp "$0" "$QGJOB_DEVICE_DIR/app"', '{app}'],
      test: ['sh', '{test}', '{app}'],
    },
  },
};

const failing = `cmp "$1" "$QGJOB_DEVICE_DIR/app" || exit 9
echo "the total of $QGJOB_PARAM_NAME is 12, not 10 ($QGJOB_PARAM_PASSWORD)" >&2; exit 1`;

const suite = { 'qgjob.json': '{}', 'e2e/pay.sh': failing };
const submit = ['--app=shop.apk', '--app-version-id=v1', '--test=e2e/pay.sh', '--param=NAME=ana'];

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();

test('a job that failed fails here with the same message, with its app, its bundle and its params', async () => {
  const lab = await startReproLab(byCommand);
  const id = await lab.submit(await makeSuite(suite), ...submit, '--param=PASSWORD=hunter22');
  const said = 'the total of ana is 12, not 10';
  expect((await lab.run(['status', id])).stdout).toContain(said);

  const before = filesOf(lab.desk);
  const here = await lab.run(['repro', id, '--run'], { QGJOB_PARAM_PASSWORD: 'mine' });
  expect(here, here.stderr).toMatchObject({ code: 1, stdout: '' });
  expect(here.stderr).toContain(`${said} (mine)\n`);
  expect(here.stderr).toMatch(
    /withheld, since they may be secret; set them yourself: QGJOB_PARAM_PASSWORD$/m,
  );
  expect(here.stderr + here.stdout).not.toContain('hunter22');
  expect(here.stderr).not.toContain(lab.token);

  const dir = join('qgjob-repro', id);
  expect(
    filesOf(lab.desk).filter((path) => !before.includes(path) && !path.startsWith('qgjob-repro')),
  ).toEqual([]);
  expect(filesOf(join(lab.desk, dir))).toEqual(
    [
      '.gitignore',
      '.qgjob-repro',
      'app.apk',
      'artifacts',
      'device',
      'device/app',
      'package.json',
      'source',
      'source/e2e',
      'source/e2e/pay.sh',
      'source/qgjob.json',
      'source/shop.apk',
    ].sort(),
  );
});

test('all that is printed runs in one shell, as often as one likes, and without the token of the person', async () => {
  const lab = await startReproLab({
    frameworks: {
      default: 'command',
      command: {
        install: ['sh', '-c', 'cp "$0" "$QGJOB_DEVICE_DIR/app"; env > "$QGJOB_DEVICE_DIR/env"', '{app}'],
        test: ['sh', '{test}'],
      },
    },
  });
  const odd = "it's 5 $HOME\n%s \\n `x`";
  const test = 'e2e/pay.sh';
  const folder = await makeSuite({
    [test]: `printf "%s" "$QGJOB_PARAM_ODD" > "$QGJOB_ARTIFACTS/odd"; env > "$QGJOB_ARTIFACTS/env"
echo "ran with $QGJOB_PARAM_PIN"; exit 1`,
  });
  const params = [`--param=ODD=${odd}`, '--param=PIN=1234'];
  const id = await lab.submit(folder, '--app-version-id=v1', `--test=${test}`, ...params, '--app=shop.apk');
  mkdirSync(join(lab.desk, 'node_modules'));
  const mine = { QGJOB_TOKEN: lab.token, MINE: `Bearer ${lab.token}`, QGJOB_PARAM_PIN: 'of-ana' };
  const { code, stdout, stderr } = await lab.run(['repro', id, '--dir=there'], mine);
  expect({ code, stderr }).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/attempt 1 ended failed, on simulated-emulator-1$/m),
  });
  expect(stderr).toContain(`the tests find packages in ${realpathSync(lab.desk)} too`);
  expect(stdout.trimEnd().split('\n')).toHaveLength(2);
  expect(stdout).not.toContain('of-ana');
  const read = (path: string): string => readFileSync(join(lab.desk, 'there', path), 'utf8');
  const options = { cwd: lab.desk, encoding: 'utf8' as const, env: { ...process.env, ...mine } };
  for (const _ of ['once', 'again']) {
    const ended = spawnSync('sh', { ...options, input: stdout });
    expect(ended).toMatchObject({ status: 1, stdout: 'ran with of-ana\n' });
    expect(read('artifacts/odd')).toBe(odd);
    expect(read('artifacts/env') + read('device/env')).not.toContain(lab.token);
    expect(read('device/env')).not.toMatch(/QGJOB_PARAM_/);
  }
  expect(readFileSync(join(lab.desk, 'there/app.apk'))).toEqual(readFileSync(join(folder, 'shop.apk')));
  const ran = await lab.run(['repro', id, '--force', '--dir=there', '--run'], mine);
  expect(ran).toMatchObject({ code: 1, stdout: 'ran with of-ana\n' });
  expect(ran.stderr).not.toContain('of-ana');
  expect(read('device/env')).not.toMatch(/QGJOB_PARAM_/);
});

test('--print and --json tell of it, and --print fetches nothing', async () => {
  const lab = await startReproLab(byCommand);
  const id = await lab.submit(await makeSuite(suite), ...submit);
  const printed = await lab.run(['repro', id, '--print', '--json']);
  const dir = join(realpathSync(lab.desk), 'qgjob-repro', id);
  expect(JSON.parse(printed.stdout)).toMatchObject({
    ...{ job_id: id, attempt: 1, dir, app: join(dir, 'app.apk'), bundle: join(dir, 'source') },
    ...{
      framework: 'command',
      command: ['sh', 'e2e/pay.sh', join(dir, 'app.apk')],
      cwd: join(dir, 'source'),
    },
    env: { CI: '1', QGJOB_PARAM_NAME: 'ana', QGJOB_TEST: 'e2e/pay.sh', QGJOB_DEVICE: 'simulated-emulator-1' },
  });
  expect(existsSync(join(lab.desk, 'qgjob-repro'))).toBe(false);
  const ran = await lab.run(['repro', id, '--run', '--json']);
  expect(JSON.parse(ran.stdout)).toMatchObject({
    ...{ job_id: id, exit_code: 1, verdict: 'failed', error: expect.stringContaining('exited with 1') },
    before: [{ name: 'install' }],
  });
  expect(ran.stderr).toContain('the total of ana is 12');
});

test('a test of Playwright says here what it said there, and the suite has its own reporters', async () => {
  const packages = join(realpathSync(projectRoot), 'node_modules');
  const lab = await startReproLab({ setup: ['ln', '-s', packages, 'node_modules'] });
  const folder = makeFolder({
    'e2e/playwright.config.ts': `export default { reporter: 'line' };`,
    'e2e/sum (1).spec.ts': `import { expect, test } from '@playwright/test';
      test('adds', () => expect(1 + 1, 'the sum').toBe(3));
      test('another', () => { throw new Error('not asked for'); });`,
  });
  const id = await lab.submit(
    folder,
    '--app-version-id=v1',
    '--test=e2e/sum (1).spec.ts',
    '--grep=adds',
    '--framework=playwright',
  );
  const job = await clientOf(lab).call('getJob', { params: { id } });
  expect(job.tests?.[0]?.message).toContain('Expected: 3');
  const here = await lab.run(['repro', id, '--run']);
  expect(here, here.stderr).toMatchObject({ code: 1 });
  expect(here.stdout).toContain('the sum');
  expect(here.stdout).toContain('Expected: 3');
  expect(here.stdout + here.stderr).not.toContain('not asked for');
});

test('a commit of git is fetched, and a folder of the agent has to be named', async () => {
  const lab = await startReproLab(byCommand);
  const remote = makeFolder({ 'e2e/a.sh': 'echo from the commit; exit 1' });
  const git = (...words: string[]) =>
    execFileSync('git', ['-C', remote, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...words], {
      encoding: 'utf8',
    }).trim();
  git('init', '--quiet');
  git('add', '--all');
  git('-c', 'commit.gpgsign=false', 'commit', '--quiet', '--message', 'all');
  const submitWith = async (source: object) => {
    const body = {
      org_id: 'acme',
      app_version_id: 'v9',
      target: 'browser',
      test_path: 'a.sh',
      allow_no_device: true,
      ...source,
    };
    return (await clientOf(lab).call('submitJob', { body })).job_id;
  };
  const sha = git('rev-parse', 'HEAD');
  const fetched = await submitWith({
    source: { kind: 'git', repository: `file://${realpathSync(remote)}`, sha, subdir: 'e2e' },
  });
  expect(await lab.run(['repro', fetched])).toMatchObject({
    code: 0,
    stderr: expect.stringContaining(`commit ${sha.slice(0, 12)} of file://`),
  });
  expect(readFileSync(join(lab.desk, 'qgjob-repro', fetched, 'source/e2e/a.sh'), 'utf8')).toContain(
    'from the commit',
  );
  expect(existsSync(join(lab.desk, 'qgjob-repro', fetched, 'repository'))).toBe(false);

  const own = await submitWith({ source: { kind: 'workspace', sha } });
  expect(await lab.run(['repro', own])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/folder of the agent at commit .*--source/),
  });
  const before = filesOf(remote);
  const here = await lab.run(['repro', own, `--source=${join(remote, 'e2e')}`, '--print']);
  expect(here).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`(cd ${join(realpathSync(remote), 'e2e')} &&`),
  });
  expect(filesOf(remote)).toEqual(before);
});

test('what is there stays, but for a folder of an earlier time with --force', async () => {
  const lab = await startReproLab(byCommand);
  const id = await lab.submit(await makeSuite(suite), ...submit);
  expect((await lab.run(['repro', id])).code).toBe(0);
  const mark = join(lab.desk, 'qgjob-repro', id, 'mine');
  writeFileSync(mark, 'mine');
  expect(await lab.run(['repro', id])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('--force replaces it'),
  });
  expect(existsSync(mark)).toBe(true);
  expect((await lab.run(['repro', id, '--force'])).code).toBe(0);
  expect(existsSync(mark)).toBe(false);

  // The same is printed by --json, and may lie in a folder of anybody.
  const note = JSON.stringify({ job_id: id });
  const foreign = makeFolder({ 'thesis.txt': 'mine', 'repro.json': note });
  writeFileSync(join(lab.desk, 'file'), 'mine');
  symlinkSync(join(lab.desk, 'qgjob-repro', id), join(lab.desk, 'link'));
  for (const dir of ['file', foreign, 'link', '.', '..', 'qgjob-repro/..'])
    expect(await lab.run(['repro', id, '--force', `--dir=${dir}`]), dir).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('stays'),
    });
  expect(readFileSync(join(foreign, 'thesis.txt'), 'utf8')).toBe('mine');
  expect(lstatSync(join(lab.desk, 'link')).isSymbolicLink()).toBe(true);
});

test('a folder that cannot be fetched anew stays as it was', async () => {
  const lab = await startReproLab(byCommand);
  const id = await lab.submit(await makeSuite(suite), ...submit);
  expect((await lab.run(['repro', id])).code).toBe(0);
  const before = filesOf(lab.desk);
  const gone = await through(lab, ({ route }) => (route === 'getBundle' ? 'lost' : undefined));
  expect(await lab.run(['repro', id, '--force'], gone)).toMatchObject({ code: 4 });
  expect(filesOf(lab.desk)).toEqual(before);
  // It is known only once the new one is there.
  const bad = makeFolder({ 'bad.json': '{ "frameworks": { "default": "maestro" } }' });
  expect(await lab.run(['repro', id, '--force', `--config=${bad}/bad.json`])).toMatchObject({
    code: expect.toSatisfy((code) => code !== 0),
  });
  expect(filesOf(lab.desk)).toEqual(before);
});

/** What comes instead of the server's answer to one call. */
async function through(lab: ReproLab, rule: ProxyRule): Promise<Readonly<Record<string, string>>> {
  const proxy = await startProxy(lab.url, rule);
  onTestFinished(() => proxy.close());
  return { QGJOB_SERVER_URL: proxy.url };
}

test('what cannot be had is said with what to do, and leaves no folder behind', async () => {
  const lab = await startReproLab(byCommand);
  const id = await lab.submit(await makeSuite(suite), ...submit);
  const garbage = Buffer.from('no archive at all');
  const sha256 = createHash('sha256').update(garbage).digest('hex');
  const client = clientOf(lab);
  const stream = () => new Blob([garbage]).stream();
  await client.call('uploadBundle', {
    params: { sha256 },
    query: { org_id: 'acme' },
    body: { size: garbage.length, stream },
  });
  const bad = await client.call('submitJob', {
    body: {
      org_id: 'acme',
      app_version_id: 'v9',
      target: 'browser',
      test_path: 'a.sh',
      allow_no_device: true,
      source: { kind: 'bundle', sha256 },
    },
  });

  const gone = {
    status: 404,
    body: JSON.stringify({
      error: { code: 'not_found', message: 'this org has no bundle', request_id: 'r1' },
    }),
    headers: { 'content-type': 'application/json' },
  };
  const other = { status: 200, body: 'other bytes' };
  const cases: [what: string, args: string[], rule: ProxyRule, code: number, says: RegExp][] = [
    ['an unknown job', ['job_none'], () => undefined, 3, /no job job_none/],
    ['a run', ['run_1'], () => undefined, 2, /is a run; give one of its jobs/],
    ['an unknown attempt', [id, '--attempt=7'], () => undefined, 3, /has no attempt 7; it has 1/],
    ['two ways', [id, '--run', '--print'], () => undefined, 2, /give it or --run, not both/],
    ['garbage', [bad.job_id], () => undefined, 2, /the bundle of the job is refused: it cannot be read/],
    [
      'a pruned bundle',
      [id],
      ({ route }) => (route === 'getBundle' ? gone : undefined),
      3,
      /does not have the bundle any more.*--source.*\(request r1\)/,
    ],
    ['a cut', [id], ({ route }) => (route === 'getBundle' ? 'lost' : undefined), 4, /qgjob: /],
    [
      'other bytes',
      [id],
      ({ route }) => (route === 'getAppFile' ? other : undefined),
      4,
      /another file than the one/,
    ],
  ];
  for (const [what, args, rule, code, says] of cases) {
    const ended = await lab.run(['repro', ...args], await through(lab, rule));
    expect(ended, what).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(says) });
    expect(filesOf(lab.desk), what).toEqual(
      expect.not.arrayContaining([expect.stringMatching(/^qgjob-repro\/./)]),
    );
  }
});
