import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { makeApk } from '../../client/test-support/app-files.ts';
import type { Artifact } from '../../protocol/shapes/artifact.ts';
import { makeFolder, startCli } from '../support/processes.ts';
import { tempFolder } from '../support/queue.ts';
import { startS3 } from '../support/s3.ts';
import { startTestServer } from '../support/server.ts';

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const settings = {
  name: 'rack',
  devices: [{ driver: 'simulated', target: 'emulator' }],
  frameworks: {
    default: 'command',
    command: {
      install: ['sh', '-c', 'cp "$0" "$QGJOB_DEVICE_DIR/app"', '{app}'],
      test: ['sh', '{test}'],
    },
  },
};

/** A server whose files are in S3, an agent, and the folder of somebody who submits. */
async function startLab(files: Readonly<Record<string, string>>) {
  const s3 = await startS3(tempFolder());
  const cwd = makeFolder({ 'qgjob.agent.json': JSON.stringify(settings) });
  const server = startCli(['server', '--port=0'], { cwd, env: s3.env });
  await server.sees(/^qgjob server listening on http:\S+$/m);
  const agent = startCli(['agent'], { cwd });
  await agent.sees(/agent rack serves/);
  const folder = makeFolder(files);
  writeFileSync(join(folder, 'shop.apk'), await makeApk());
  const start = (...args: string[]) =>
    startCli([...args, `--data-dir=${join(cwd, '.qgjob')}`], { cwd: folder, env: { HOME: cwd } });
  const submit = [
    'submit',
    '--org-id=acme',
    '--app=shop.apk',
    '--app-version-id=v1',
    '--retry-failed-tests=0',
  ];
  const of = (pattern: RegExp) => s3.calls.filter((call) => pattern.test(call));
  return { s3, cwd, folder, start, submit, of };
}

test('bundle, app and evidence go to and come from the bucket by addresses, logs by the server', async () => {
  const lab = await startLab({
    'a.sh':
      'echo hello; cmp "$QGJOB_APP" "$QGJOB_DEVICE_DIR/app"; cp big.bin "$QGJOB_ARTIFACTS/big.bin"; echo small > "$QGJOB_ARTIFACTS/small.txt"',
    'big.bin': randomBytes(150_000).toString('latin1'),
  });
  const big = readFileSync(join(lab.folder, 'big.bin'));
  const done = await lab.start(...lab.submit, '--test=a.sh', '--wait', '--json').ended;
  expect(done, done.stderr).toMatchObject({ code: 0 });
  const runId = /run_[0-9a-f]{32}/.exec(done.stdout)?.[0] ?? '';

  await vi.waitFor(
    async () => {
      const { stdout } = await lab.start('artifacts', runId, '--json').ended;
      expect(JSON.parse(stdout)).toHaveLength(2);
    },
    { timeout: 60_000, interval: 300 },
  );
  for (const kind of ['bundles', 'apps', 'artifacts'])
    expect([kind, lab.of(new RegExp(`^PUT by address .*/${kind}/`)).length]).toEqual([kind, 1]);
  for (const kind of ['bundles', 'apps']) {
    expect(lab.of(new RegExp(`^GET by address .*/${kind}/`))).toHaveLength(1);
    expect(lab.of(new RegExp(`^PUT by key .*/${kind}/`))).toEqual([]);
  }
  // A small file comes through the server.
  expect(lab.of(/^PUT by key .*\/artifacts\//).length).toBeGreaterThan(0);
  expect(lab.of(/^PUT by key .*\/logs\//).length).toBeGreaterThan(0);
  expect(existsSync(join(lab.cwd, '.qgjob/blobs/logs'))).toBe(false);

  const files = await lab.start('artifacts', runId, '--download=out', '--json').ended;
  const found = JSON.parse(files.stdout) as (Artifact & { path: string })[];
  const path = found.find(({ name }) => name === 'big.bin')?.path ?? '';
  expect(hashOf(readFileSync(path))).toBe(hashOf(big));
  expect(lab.of(/^GET by address .*\/artifacts\//)).toHaveLength(2);
  const { stdout: log } = await lab.start('logs', found[0]?.job_id ?? '').ended;
  expect(log).toContain('hello');
});

test('a bucket that is away for a while costs no verdict, no log and no file', async () => {
  const lab = await startLab({
    'a.sh':
      'echo first; while [ ! -e "$QGJOB_PARAM_dir/go" ]; do sleep 0.05; done; echo last; head -c 100000 /dev/zero > "$QGJOB_ARTIFACTS/zero.bin"',
  });
  const flags = ['--test=a.sh', `--param=dir=${lab.cwd}`, '--wait', '--json'];
  const run = lab.start(...lab.submit, ...flags);
  await vi.waitFor(() => expect(lab.of(/^PUT by key .*\/logs\//).length).toBeGreaterThan(0), {
    timeout: 60_000,
  });
  await lab.s3.stop();
  writeFileSync(join(lab.cwd, 'go'), '');
  const done = await run.ended;
  expect(done, done.stderr).toMatchObject({ code: 0 });
  const jobId = /job_[0-9a-f]{32}/.exec(done.stdout)?.[0] ?? '';
  const away = await lab.start('logs', jobId).ended;
  expect(away).toMatchObject({ code: 4, stderr: expect.stringContaining('the object store') });

  await lab.s3.start();
  await vi.waitFor(
    async () => {
      const { stdout } = await lab.start('logs', jobId).ended;
      expect(stdout).toMatch(/first[\s\S]*last/);
      const listed = await lab.start('artifacts', jobId, '--json').ended;
      expect(JSON.parse(listed.stdout)).toMatchObject([{ name: 'zero.bin', size: 100_000 }]);
    },
    { timeout: 90_000, interval: 500 },
  );
});

test.each([
  ['a wrong secret', { s3_secret_access_key: 'x' }, 'QGJOB_S3_SECRET_ACCESS_KEY is wrong'],
  ['a foreign key', { s3_access_key_id: 'x' }, 'QGJOB_S3_ACCESS_KEY_ID is not known there'],
  ['a bucket that is not there', { s3_bucket: 'nope' }, 'there is no such bucket'],
])('a server with %s does not start, and says what to do', async (_, flags, words) => {
  const s3 = await startS3(tempFolder());
  await expect(startTestServer({ flags: { ...s3.flags, ...flags } })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(`^QGJOB_S3_.*${words}`),
  });
});
