import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { listBundle } from './list-bundle.ts';

const env = { PATH: `${process.env.PATH}`, HOME: tmpdir() };

function makeFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-source-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  write(folder, files);
  return folder;
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

function git(folder: string, ...words: string[]): void {
  const settings = [
    'user.name=a',
    'user.email=a@example.org',
    'commit.gpgsign=false',
    'protocol.file.allow=always',
  ];
  execFileSync('git', ['-C', folder, ...settings.flatMap((one) => ['-c', one]), ...words], { stdio: 'pipe' });
}

/** A repository whose files are committed. */
function makeRepository(files: Readonly<Record<string, string>>): string {
  const folder = makeFolder(files);
  git(folder, 'init', '--quiet');
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message', 'all', '--allow-empty');
  return folder;
}

const list = (folder: string) => listBundle(folder, { env });
const pathsOf = async (folder: string) => (await list(folder)).files.map(({ path }) => path);

test('of a repository: tracked, changed and untracked files, not deleted and ignored ones', async () => {
  const folder = makeRepository({ 'a.ts': '1', 'gone.ts': '1', '.env': '', '.gitignore': 'out/\n*.log\n' });
  write(folder, { 'a.ts': '12', 'new.ts': '', 'out/x.js': '', 'b.log': '' });
  rmSync(join(folder, 'gone.ts'));
  const { files, root, subdir, leftOut } = await list(folder);
  expect(files.map(({ path, bytes }) => [path, bytes])).toEqual([
    ['.env', 0],
    ['.gitignore', 11],
    ['a.ts', 2],
    ['new.ts', 0],
  ]);
  expect([root, subdir, leftOut]).toEqual([folder, '', []]);
});

test('from a folder inside of a repository: all of it, and where the folder is', async () => {
  const folder = makeRepository({ 'shared/help.ts': '', 'e2e/a.spec.ts': '' });
  const { root, subdir, files } = await list(join(folder, 'e2e'));
  expect([root, subdir]).toEqual([folder, 'e2e']);
  expect(files.map(({ path }) => path)).toEqual(['e2e/a.spec.ts', 'shared/help.ts']);
});

test('of a folder without git: all but packages and folders that begin with a dot', async () => {
  const folder = makeFolder({
    'a.ts': '',
    '.npmrc': '',
    '.cache/x': '',
    'node_modules/p/i.js': '',
    'b/c.ts': '',
  });
  expect(await pathsOf(folder)).toEqual(['.npmrc', 'a.ts', 'b/c.ts']);
});

test('packages, repositories, reports and data folders of qgjob are never packed, though git tracks them', async () => {
  const folder = makeRepository({
    'a.ts': '',
    'node_modules/p/i.js': '',
    'b/node_modules/p/i.js': '',
    'qgjob-report/r.html': '',
    'qgjob-repro/job_1/app.apk': '',
    'state/admin.token': 'secret',
    'state/logs/deep/a.log': '',
    'stopped/qgjob.db': '',
    'stopped/logs/a.log': '',
    '.qgjob/agent/rack/spool/a.json': '',
    'other/server.json': '{}',
  });
  expect(await pathsOf(folder)).toEqual(['a.ts', 'other/server.json']);
});

test('.qgjobignore takes files out, tracked or not, at the root and in the folder', async () => {
  const folder = makeRepository({
    '.qgjobignore': '*.mp4\n/docs/\n!keep.mp4\n',
    'e2e/.qgjobignore': 'big.bin\n',
    'a.mp4': '',
    'keep.mp4': '',
    'docs/x.md': '',
    'e2e/big.bin': '',
    'e2e/a.spec.ts': '',
    'big.bin': '',
  });
  expect(await pathsOf(join(folder, 'e2e'))).toEqual([
    '.qgjobignore',
    'big.bin',
    'e2e/.qgjobignore',
    'e2e/a.spec.ts',
    'keep.mp4',
  ]);
});

test('a link is what it leads to; one that leads out, nowhere, around itself or to an ignored file is left out', async () => {
  const folder = makeRepository({ 'lib/a.ts': 'abc', 'lib/b.ts': '', '.gitignore': 'secret\n' });
  write(folder, { secret: 'x' });
  mkdirSync(join(folder, 'p'));
  for (const [name, target] of Object.entries({
    file: '../lib/a.ts',
    folder: '../lib',
    out: '/etc/passwd',
    nowhere: 'none',
    around: '..',
    ignored: '../secret',
    circle: 'circle',
  }))
    symlinkSync(target, join(folder, 'p', name));
  git(folder, 'add', '--all');
  const { files, leftOut } = await list(folder);
  expect(files.map(({ path, bytes }) => [path, bytes])).toEqual([
    ['.gitignore', 7],
    ['lib/a.ts', 3],
    ['lib/b.ts', 0],
    ['p/file', 3],
    ['p/folder/a.ts', 3],
    ['p/folder/b.ts', 0],
  ]);
  expect(leftOut).toEqual([
    { path: 'p/around', why: 'is a link to a folder around it' },
    { path: 'p/circle', why: 'is a link that leads nowhere' },
    { path: 'p/ignored', why: 'is a link to what is not packed' },
    { path: 'p/nowhere', why: 'is a link that leads nowhere' },
    { path: 'p/out', why: 'is a link that leads out of the folder' },
  ]);
});

test('pipes are left out by name', async () => {
  const folder = makeFolder({ 'a.ts': '' });
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  expect(await list(folder)).toMatchObject({
    files: [{ path: 'a.ts' }],
    leftOut: [{ path: 'pipe', why: 'is no regular file' }],
  });
});

test('a submodule brings its files, by its own rules', async () => {
  const inner = makeRepository({ 'i.ts': '', '.gitignore': 'out\n' });
  const folder = makeRepository({ 'a.ts': '' });
  git(folder, 'submodule', '--quiet', 'add', inner, 'sub');
  write(folder, { 'sub/out': '', 'sub/new.ts': '' });
  expect(await pathsOf(folder)).toEqual(['.gitmodules', 'a.ts', 'sub/.gitignore', 'sub/i.ts', 'sub/new.ts']);
});

test('a submodule that is not checked out is named', async () => {
  const inner = makeRepository({ 'i.ts': '' });
  const outer = makeRepository({ 'a.ts': '' });
  git(outer, 'submodule', '--quiet', 'add', inner, 'lib/sub');
  git(outer, 'commit', '--quiet', '--message', 'sub');
  const folder = join(makeFolder({}), 'clone');
  git(outer, 'clone', '--quiet', outer, folder);
  const { files, leftOut } = await list(folder);
  expect(files.map(({ path }) => path)).toEqual(['.gitmodules', 'a.ts']);
  const named = [{ path: 'lib/sub', why: 'is a submodule that is not checked out' }];
  expect(leftOut).toEqual(named);
  rmSync(join(folder, 'lib'), { recursive: true });
  expect((await list(folder)).leftOut).toEqual(named);
  write(folder, { '.qgjobignore': '/lib/\n' });
  expect((await list(folder)).leftOut).toEqual([]);
});

const secrets = {
  '.env': '',
  'app/.env.local': '',
  'app/.npmrc': '//registry.example.org/:_authToken=npm_secret',
  'certs/server.pem': '',
  'gha-creds-1b2c.json': '',
  'home/.ssh/config': '',
  'keys/ID_RSA': '',
};
const harmless = {
  '.env.example': '',
  'b/.npmrc': 'save-exact=true\n',
  'env.ts': '',
  'keys.json': '',
};

test('what may hold a secret is held back where git does not track it', async () => {
  const folder = makeRepository({ 'a.ts': '' });
  write(folder, { ...secrets, ...harmless });
  const found = await list(folder);
  expect(found.heldBack).toEqual(Object.keys(secrets));
  expect(found.files.map(({ path }) => path)).toEqual(['a.ts', ...Object.keys(harmless)].sort());
  git(folder, 'add', '--all');
  expect(await list(folder)).toMatchObject({ heldBack: [], files: { length: 12 } });
});

test('a line with ! in .qgjobignore packs what would be held back; a link to it is left out', async () => {
  const folder = makeRepository({ '.qgjobignore': '!/certs/*.pem\n' });
  write(folder, { ...secrets, 'certs/ca.pem': '' });
  symlinkSync('.env', join(folder, 'config'));
  git(folder, 'add', 'config');
  const { files, heldBack, leftOut } = await list(folder);
  expect(files.map(({ path }) => path)).toEqual(['.qgjobignore', 'certs/ca.pem', 'certs/server.pem']);
  expect(heldBack).toEqual(Object.keys(secrets).filter((path) => path !== 'certs/server.pem'));
  expect(leftOut).toEqual([{ path: 'config', why: 'is a link to what is not packed' }]);
});

test('without git secrets are held back, and .qgjobignore keeps whole folders from being read', async () => {
  const folder = makeFolder({ ...secrets, ...harmless, '.qgjobignore': '/data/\n', 'data/sealed/x': '' });
  chmodSync(join(folder, 'data'), 0o000);
  onTestFinished(() => chmodSync(join(folder, 'data'), 0o700));
  const { files, heldBack } = await list(folder);
  expect(files.map(({ path }) => path)).toEqual(['.qgjobignore', ...Object.keys(harmless)].sort());
  // A folder that begins with a dot is not looked into.
  expect(heldBack).toEqual(Object.keys(secrets).filter((path) => !path.includes('.ssh')));
});

test('odd names stay as they are', async () => {
  const names = ['ä ö.ts', 'new\nline.ts', '[id]/#1 "q".ts', '-dash', 'back\\slash', '\u65e5.ts'];
  const folder = makeRepository(Object.fromEntries(names.map((name) => [name, ''])));
  expect(await pathsOf(folder)).toEqual([...names].sort());
});

test('a program stays one', async () => {
  const folder = makeRepository({ 'run.sh': '', 'a.ts': '' });
  chmodSync(join(folder, 'run.sh'), 0o755);
  expect((await list(folder)).files.map((file) => [file.path, file.isExecutable])).toEqual([
    ['a.ts', false],
    ['run.sh', true],
  ]);
});

test('a repository that git cannot read is an error that says why', async () => {
  const folder = makeRepository({ 'a.ts': '' });
  writeFileSync(join(folder, '.git/config'), '[broken');
  await expect(list(folder)).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringMatching(/^git cannot read the repository of .*bad config/),
  });
});

test('a repository that git cannot read is not packed without its rules, and neither is one without git', async () => {
  const folder = makeRepository({ 'a.ts': '', '.gitignore': '.env\n' });
  write(folder, { '.env': 'SECRET=1' });
  await expect(listBundle(folder, { env: { PATH: '/nowhere' } })).rejects.toMatchObject({ code: 'invalid' });
});

test('a folder without git keeps back what its .gitignore names', async () => {
  expect(await pathsOf(makeFolder({ 'a.ts': '', '.env': 'SECRET=1', '.gitignore': '.env\n' }))).toEqual([
    '.gitignore',
    'a.ts',
  ]);
});

test('a repository around the home folder is not packed', async () => {
  const folder = makeRepository({ 'home/proj/a.ts': '', 'home/.ssh/id': 'key' });
  const home = join(folder, 'home');
  await expect(listBundle(join(home, 'proj'), { env: { ...env, HOME: home } })).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining('with the home folder in it'),
  });
  const { HOME: _, ...more } = { ...env, USERPROFILE: home };
  await expect(listBundle(join(home, 'proj'), { env: more })).rejects.toMatchObject({ code: 'invalid' });
});

test('on a disk without modes a program is what git knows as one', async () => {
  const folder = makeRepository({ gradlew: '', 'a.ts': '' });
  git(folder, 'update-index', '--chmod=+x', 'gradlew');
  const listed = async (hasModes: boolean) =>
    (await listBundle(folder, { env }, hasModes)).files.map((file) => [file.path, file.isExecutable]);
  expect(await listed(false)).toEqual([
    ['a.ts', false],
    ['gradlew', true],
  ]);
  expect(await listed(true)).toEqual([
    ['a.ts', false],
    ['gradlew', false],
  ]);
});

test('.qgjobignore knows upper and lower case', async () => {
  const folder = makeRepository({ '.qgjobignore': 'build/\n', 'Build/a.ts': '', 'build/b.ts': '' });
  expect(await pathsOf(folder)).toEqual(['.qgjobignore', 'Build/a.ts']);
});

test('a tracked folder that became a link brings only what the link leads to', async () => {
  const folder = makeRepository({ 'dir/passwd': '', 'lib/a.ts': '' });
  rmSync(join(folder, 'dir'), { recursive: true });
  symlinkSync('/etc', join(folder, 'dir'));
  expect(await list(folder)).toMatchObject({
    files: [{ path: 'lib/a.ts' }],
    leftOut: [{ path: 'dir', why: 'is a link that leads out of the folder' }],
  });
});

test('a linked folder with a link in it is left out by name', async () => {
  const folder = makeRepository({ 'lib/a.ts': '', 'shared/x.ts': '' });
  symlinkSync('../shared/x.ts', join(folder, 'lib/x.ts'));
  symlinkSync('lib', join(folder, 'p'));
  git(folder, 'add', '--all');
  expect((await list(folder)).leftOut).toEqual([
    { path: 'p', why: 'is a link to a folder with a link in it (lib/x.ts)' },
  ]);
});

test('what git ignores is taken back by a line with ! in .qgjobignore, without packages and secrets in it', async () => {
  const ignored = { '.gitignore': '/dist/\n/app.apk\nnode_modules/\n/out/\n' };
  const folder = makeRepository({
    ...ignored,
    '.qgjobignore': '!/dist/\n/dist/*.map\n!/app.apk\n!node_modules/\n',
  });
  write(folder, {
    'dist/a.js': '',
    'dist/a.js.map': '',
    'dist/sub/b.js': '',
    'dist/.env': 'SECRET=1',
    'dist/node_modules/x/y.js': '',
    'app.apk': '',
    'node_modules/x/y.js': '',
    'out/c.js': '',
  });
  const { files, heldBack } = await list(folder);
  expect(files.map(({ path }) => path)).toEqual([
    '.gitignore',
    '.qgjobignore',
    'app.apk',
    'dist/a.js',
    'dist/sub/b.js',
  ]);
  expect(heldBack).toEqual(['dist/.env']);
  rmSync(join(folder, '.git'), { recursive: true });
  expect(await pathsOf(folder)).toEqual(files.map(({ path }) => path));
});
