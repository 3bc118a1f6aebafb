import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseJunit } from '../../agent/reports/read-junit.ts';
import { begin, blob, end } from '../../client/test-support/blob-lines.ts';
import { ArtifactLab, testLimits } from '../support/artifact-lab.ts';
import { readHtmlReport } from '../support/html-report.ts';
import { runCli } from '../support/processes.ts';
import { tempFolder } from '../support/queue.ts';
import { startTestServer } from '../support/server.ts';
import { projectRoot } from '../support/sources.ts';

async function openLab(cwd: string) {
  const lab = await ArtifactLab.open(await startTestServer({ artifactLimits: testLimits }));
  const env = { QGJOB_SERVER_URL: lab.server.url, QGJOB_TOKEN: lab.acme.tokens.read };
  return { lab, run: (...args: string[]) => runCli(args, { cwd, env }) };
}

/** A folder of a suite with Playwright installed. */
function makeSuite(): string {
  const folder = tempFolder();
  symlinkSync(join(projectRoot, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

test('a run becomes one JUnit, one JSON and one CTRF file, and the blobs of its jobs one HTML report', async () => {
  const cwd = makeSuite();
  const { lab, run } = await openLab(cwd);
  const held = await lab.acme.lease({ retry_failed_tests: 0 });
  const agent = lab.server.as(held.lease.token);
  await agent.call('startJob', { params: lab.params(held), body: { attempt: 1 } });
  for (const file of ['first.spec.ts', 'second.spec.ts']) {
    const text = blob([file], [begin(file, file), end(file, file)], file);
    const made = await lab.openUpload(held, `qgjob-blob%2F${file}.jsonl`).end(text);
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
  expect((await readHtmlReport(join(cwd, 'out/html/index.html'))).lines).toEqual([
    'first.spec.ts › first.spec.ts: expected, 1 run',
    'second.spec.ts › second.spec.ts: expected, 1 run',
  ]);
  expect(stderr).toContain('The HTML report does not show 1 of 1 job, which left no blob report: ');
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
  const put = async (name: string, body: string) =>
    expect((await lab.openUpload(held, `qgjob-blob%2F${name}`).end(body)).status).toBe(200);
  await put('report.zip', 'a blob report of the suite itself');
  await put('a.jsonl', 'no blob at all');
  const damaged = await run('report', held.job.run_id);
  expect(damaged).toMatchObject({ code: 0, stderr: expect.stringContaining('no HTML report: no attempt') });
  expect(damaged.stderr).toMatch(/^the HTML report lacks qgjob-blob\/a.jsonl of \S+: it is damaged/m);
  await put('b.jsonl', blob(['t1'], [begin('t1', 'r1'), end('t1', 'r1')]));
  const without = await run('report', held.job.run_id);
  expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('which is not installed here') });
  expect(without.stderr).not.toContain('\n    at ');
  expect(existsSync(join(cwd, 'qgjob-report/junit.xml'))).toBe(true);
  symlinkSync(join(projectRoot, 'node_modules'), join(cwd, 'node_modules'));
  const merged = await run('report', held.job.run_id);
  expect(merged).toMatchObject({ code: 0, stderr: expect.stringContaining('the HTML report lacks') });
  expect((await readHtmlReport(join(cwd, 'qgjob-report/html/index.html'))).lines).toHaveLength(1);
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
