import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runMain, sha } from '../support/action-harness.ts';
import { readHtmlReport } from '../support/html-report.ts';
import { openMergeLab, shown } from '../support/merge-lab.ts';
import { runCli } from '../support/processes.ts';

test('one page shows the tests of all files with every attempt, and nothing in a name comes alive', async () => {
  const lab = await openMergeLab();
  lab.install();
  await lab.startAgent();
  const result = await runMain(lab.step({ tests: 'tests/a.spec.ts\ntests/b.spec.ts' }));
  expect(result).toMatchObject({ code: 1, outputs: { passed: '1', failed: '1', flaky: '1' } });
  const folder = result.outputs['report-path'] ?? '';
  const report = await readHtmlReport(join(folder, 'playwright/index.html'));
  expect(report.lines).toEqual(shown);
  const [flaky] = report.tests.filter(({ title }) => title === 'flaky');
  expect(flaky?.results.map(({ attachments }) => attachments.filter(({ name }) => name === 'words'))).toEqual(
    [
      [expect.objectContaining({ path: expect.stringMatching(/^data\//) })],
      [expect.objectContaining({ path: expect.stringMatching(/^data\//) })],
    ],
  );
  expect(result.log).toMatch(/The HTML report of Playwright: \S+index\.html/);
  expect(result.commands.filter(({ data }) => data === 'x')).toEqual([]);
  expect(readdirSync(folder).sort()).toEqual([
    'artifacts',
    'ctrf.json',
    'junit.xml',
    'playwright',
    'run.json',
  ]);

  const env = { QGJOB_SERVER_URL: lab.url, QGJOB_TOKEN: lab.token };
  const run = result.outputs['run-id'] ?? '';
  const cli = await runCli(['report', run, '--output=own'], { cwd: lab.workspace, env });
  expect(cli).toMatchObject({ code: 0, stderr: '' });
  expect((await readHtmlReport(join(lab.workspace, 'own/html/index.html'))).lines).toEqual(shown);
});

test('Playwright of the checkout sees no token; where there is none, the parts are left with the command that merges them', async () => {
  const lab = await openMergeLab();
  for (const mark of ['flaky', 'stays']) writeFileSync(join(lab.marks, mark), '');
  await lab.startAgent();
  const tests = { tests: 'tests/c.spec.ts' };
  const without = await runMain(lab.step(tests));
  expect(without.code).toBe(0);
  const [, parts = ''] =
    /By hand: npx playwright merge-reports --reporter html (\S+playwright-blobs)/.exec(without.log) ?? [];
  expect(readdirSync(parts)).toEqual(['.qgjob', '000001.zip', 'resources']);

  const seen = join(lab.marks, 'seen.json');
  installSpy(lab.workspace, seen);
  const spied = await runMain({ ...lab.step(tests), githubToken: 'ghs_of-the-job' });
  expect(spied).toMatchObject({ code: 0, outputs: { conclusion: 'success' } });
  expect(spied.log).toMatch(
    /The HTML report of Playwright was not made: Playwright did not merge the reports \(3\)/,
  );
  expect(spied.commands.filter(({ data }) => data === 'x' || data === 'y')).toEqual([]);
  const names = Object.keys(JSON.parse(readFileSync(seen, 'utf8')) as object).sort();
  expect(names).toEqual(['PATH', 'PLAYWRIGHT_HTML_OPEN', 'PLAYWRIGHT_HTML_OUTPUT_DIR']);
});

test('Playwright of the checkout is not started where a fork chose it, and not where it is committed', async () => {
  const lab = await openMergeLab();
  writeFileSync(join(lab.marks, 'stays'), '');
  await lab.startAgent();
  const seen = join(lab.marks, 'seen.json');
  installSpy(lab.workspace, seen);
  writeFileSync(join(lab.workspace, 'tests/none.spec.ts'), '');
  const step = lab.step({ tests: 'tests/c.spec.ts\ntests/none.spec.ts', 'max-retries': '0' });
  const pull = (id: number) => ({
    pull_request: { number: 1, head: { sha, repo: { id } }, base: { ref: 'main', repo: { id: 1 } } },
  });
  const stepAt = (name: string, id: number) => ({ ...step, event: { name, payload: pull(id) } });
  for (const [event, why] of [
    [stepAt('pull_request', 2), 'a fork or Dependabot chose the code of this checkout'],
    [stepAt('pull_request_target', 1), "on pull_request_target the checkout may be anyone's code"],
  ] as const) {
    const { code, log } = await runMain(event);
    expect(code).toBe(1);
    expect(log).toMatch(
      /does not show 1 of 2 jobs, which left no blob report: tests\/none\.spec\.ts \(emulator, /,
    );
    expect(log).toContain(`No HTML report is made of Playwright's tests, since ${why}`);
    expect(log).toMatch(/By hand: npx playwright merge-reports --reporter html \S+playwright-blobs/);
  }
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...words], {
      cwd: lab.workspace,
      encoding: 'utf8',
    });
  git('init', '--quiet');
  git('add', 'node_modules', 'tests', 'playwright.config.ts');
  git('commit', '--quiet', '--message=all');
  const committed = await runMain({ ...step, env: { GITHUB_SHA: git('rev-parse', 'HEAD').trim() } });
  expect(committed.log).toContain('since the Playwright of this checkout was committed to it, not installed');
  expect(existsSync(seen)).toBe(false);
});

/** A Playwright that writes its environment to a file, and fails. */
function installSpy(workspace: string, seen: string): void {
  const spy = join(workspace, 'node_modules/@playwright/test');
  mkdirSync(spy, { recursive: true });
  writeFileSync(join(spy, 'package.json'), '{"name":"@playwright/test","exports":{"./cli":"./cli.js"}}');
  writeFileSync(
    join(spy, 'cli.js'),
    `require('node:fs').writeFileSync(${JSON.stringify(seen)}, JSON.stringify(process.env)); console.log('::error::x\\n::set-output name=x::y'); process.exit(3);`,
  );
}
