import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseJunit } from '../../agent/reports/read-junit.ts';
import { ArtifactLab, testLimits } from '../support/artifact-lab.ts';
import { programEnv } from '../support/built-cli.ts';
import { makeFolder, runCli } from '../support/processes.ts';
import { tempFolder } from '../support/queue.ts';
import { startTestServer } from '../support/server.ts';
import { projectRoot } from '../support/sources.ts';

async function openLab(cwd: string) {
  const lab = await ArtifactLab.open(await startTestServer({ artifactLimits: testLimits }));
  const env = { QGJOB_SERVER_URL: lab.server.url, QGJOB_TOKEN: lab.acme.tokens.read };
  return { lab, run: (...args: string[]) => runCli(args, { cwd, env }) };
}

/** A folder with a suite of one test, and Playwright installed. */
function makeSuite(name: string): string {
  const folder = makeFolder({
    'playwright.config.ts': `export default { reporter: [['blob', { outputDir: 'qgjob-blob' }]] };`,
    [`${name}.spec.ts`]: `import { test } from '@playwright/test';\ntest('${name} works', () => undefined);`,
  });
  symlinkSync(join(projectRoot, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** The bytes of the blob report that a run of the suite leaves. */
function blobOf(name: string): Uint8Array {
  const cwd = makeSuite(name);
  const cli = join(projectRoot, 'node_modules/@playwright/test/cli.js');
  execFileSync(process.execPath, [cli, 'test'], { cwd, env: programEnv(cwd), stdio: 'ignore' });
  return readFileSync(join(cwd, 'qgjob-blob/report.zip'));
}

test('a run becomes one JUnit, one JSON and one CTRF file, and the blobs of its jobs one HTML report', async () => {
  const cwd = makeSuite('own');
  const { lab, run } = await openLab(cwd);
  const held = await lab.acme.lease({ retry_failed_tests: 0 });
  const agent = lab.server.as(held.lease.token);
  await agent.call('startJob', { params: lab.params(held), body: { attempt: 1 } });
  for (const name of ['first', 'second']) {
    const made = await lab.openUpload(held, `qgjob-blob%2F${name}.zip`).end(blobOf(name));
    expect(made.status).toBe(200);
  }
  const tests = [{ name: 'adds up', status: 'failed' as const, duration_ms: 5, message: 'expected 4' }];
  await agent.call('finishJob', {
    params: lab.params(held),
    body: { attempt: 1, verdict: 'failed', error: 'one failed', duration_ms: 5, tests },
  });
  const { code, stdout, stderr } = await run('report', held.job.run_id, '--output=out');
  expect({ code, stdout, stderr }).toMatchObject({
    code: 0,
    stdout: 'out/run.json\nout/junit.xml\nout/ctrf.json\nout/html/index.html\n',
  });
  const read = (name: string): string => readFileSync(join(cwd, 'out', name), 'utf8');
  expect(JSON.parse(read('run.json'))).toMatchObject({ jobs: [{ job_id: held.job.job_id }] });
  expect(JSON.parse(read('ctrf.json')).results.summary).toMatchObject({ tests: 1, failed: 1, passed: 0 });
  expect((await parseJunit(read('junit.xml'))).tests).toMatchObject([
    { name: expect.stringContaining('adds up'), status: 'failed' },
  ]);
  expect(existsSync(join(cwd, 'out/html/index.html'))).toBe(true);
});

test('without blobs, without Playwright and with damaged blobs the other files are written, and words say what is missing', async () => {
  const cwd = tempFolder();
  const { lab, run } = await openLab(cwd);
  const held = await lab.acme.running();
  const none = await run('report', held.job.run_id);
  expect(none).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('no HTML report: no attempt of this run'),
  });
  expect(none.stderr).toContain('the run is running');
  await lab.openUpload(held, 'qgjob-blob%2Fa.zip').end('no zip at all');
  const without = await run('report', held.job.run_id);
  expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('which is not installed here') });
  expect(existsSync(join(cwd, 'qgjob-report/junit.xml'))).toBe(true);
  symlinkSync(join(projectRoot, 'node_modules'), join(cwd, 'node_modules'));
  const damaged = await run('report', held.job.run_id);
  expect(damaged).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^qgjob: Playwright did not merge the reports/m),
  });
  expect(damaged.stderr).not.toContain('\n    at ');
});

test('a job, another org’s run and nothing at all are refused in words', async () => {
  const { lab, run } = await openLab(tempFolder());
  const held = await lab.acme.running();
  expect(await run('report', held.job.job_id)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is a job; a report is of a run'),
  });
  expect(await run('report', 'run_of-nobody')).toMatchObject({ code: 3 });
  expect(await run('report')).toMatchObject({ code: 2 });
});
