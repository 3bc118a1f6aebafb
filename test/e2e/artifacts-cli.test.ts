import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { limits } from '../../protocol/limits.ts';
import type { Artifact } from '../../protocol/shapes/artifact.ts';
import { ArtifactLab, testLimits } from '../support/artifact-lab.ts';
import { runCli } from '../support/processes.ts';
import { tempFolder } from '../support/queue.ts';
import { startTestServer } from '../support/server.ts';

/** A server with artifacts, and `qgjob` in a folder of its own with a token that may read. */
async function openLab() {
  const lab = await ArtifactLab.open(await startTestServer({ artifactLimits: testLimits }));
  const cwd = tempFolder();
  const env = { QGJOB_SERVER_URL: lab.server.url, QGJOB_TOKEN: lab.acme.tokens.read };
  const run = (...args: string[]) => runCli(args, { cwd, env });
  return { lab, cwd, run };
}

test('the files of a job are listed as a table, as JSON, and by attempt', async () => {
  const { lab, run } = await openLab();
  const held = await lab.acme.running();
  await lab.upload(held, 'test-results/a/trace.zip', 'zip');
  await lab.upload(held, 'a.txt', 'x'.repeat(3000));
  const id = held.job.job_id;
  const { code, stdout } = await run('artifacts', id);
  expect(code).toBe(0);
  expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['NAME', 'KIND', 'SIZE', 'JOB', 'ATTEMPT'],
    ['test-results/a/trace.zip', 'trace', '1 KiB', id, '1'],
    ['a.txt', 'log', '3 KiB', id, '1'],
    [''],
  ]);
  const listed = JSON.parse((await run('artifacts', id, '--json')).stdout) as Artifact[];
  expect(listed).toEqual(await lab.list(held));
  expect(await run('artifacts', id, '--attempt=2')).toMatchObject({ stdout: '', stderr: 'no artifacts\n' });
  expect((await run('status', id, '--verbose')).stdout).toContain(
    `artifacts 2, 3 KiB: qgjob artifacts ${id}`,
  );
});

test('the files of a run come from all of its jobs, and are downloaded once', async () => {
  const { lab, run, cwd } = await openLab();
  const held = await lab.acme.running();
  const more = limits.pageSize + 5;
  for (let n = 0; n < more; n += 1) await lab.upload(held, `${n}.txt`, `text ${n}`);
  const first = await run('artifacts', held.job.run_id, '--download=out', '--json');
  expect(first).toMatchObject({ code: 0, stderr: `${more} files in out\n` });
  const files = JSON.parse(first.stdout) as (Artifact & { path: string })[];
  expect(files).toHaveLength(more);
  for (const { path, name } of files) {
    expect(path.startsWith(join(cwd, 'out'))).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe(`text ${name.replace('.txt', '')}`);
  }
  const again = await run('artifacts', held.job.run_id, '--download=out');
  expect(again.stderr).toBe(`${more} files in out, ${more} of them were there already\n`);
  expect(again.stdout.trim().split('\n').every(existsSync)).toBe(true);
});

test('a run of another org, and what is no id, are refused in words', async () => {
  const { run } = await openLab();
  expect(await run('artifacts', 'run_of-nobody')).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/^qgjob: no run run_of-nobody; check the id/),
  });
  expect(await run('artifacts', 'nothing')).toMatchObject({ code: 2 });
  expect(await run('artifacts')).toMatchObject({ code: 2 });
});

test('a file whose bytes are gone on the server is named, and the others are there', async () => {
  const { lab, run } = await openLab();
  const held = await lab.acme.running();
  await lab.upload(held, 'a.txt', 'one');
  await lab.upload(held, 'b.txt', 'two');
  const [gone] = await lab.list(held);
  rmSync(join(lab.folder, held.job.job_id, gone?.artifact_id ?? ''));
  const { code, stdout, stderr } = await run('artifacts', held.job.job_id, '--download=out');
  expect(code).toBe(4);
  expect(stdout).toMatch(/b\.txt\n$/);
  expect(stderr).toMatch(/1 file in out\nqgjob: art_\w+ a\.txt is not downloaded: .* are gone/);
});
