import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type PhaseResult, runMain, startMain } from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';
import { startProxy } from '../support/proxy.ts';
import { tempFolder } from '../support/queue.ts';

/** A test that leaves a file with its own name in it, and then does the rest. */
const leaves = (name: string, rest: string): string =>
  `printf %s ${name} > "$QGJOB_ARTIFACTS/trace.zip"; ${rest}`;
const hostile = '::error::owned\r\n::set-output name=x::y';

const lab = useLab({
  'tests/passes.sh': leaves('passes', 'true'),
  'tests/fails.sh': `${leaves('fails', '')} mkdir -p "$QGJOB_ARTIFACTS/..x/.."; printf x > "$QGJOB_ARTIFACTS/..x/a\\\\..\\\\b.txt"; exit 1`,
  'tests/flaky.sh': leaves('flaky', 'test "$QGJOB_ATTEMPT" = 2'),
  'tests/hostile.sh': `printf x > "$QGJOB_ARTIFACTS/$(printf '${hostile}').txt"; exit 1`,
  'tests/slow.sh': `${leaves('slow', '')} exec sleep 300`,
});
const all = 'tests/passes.sh\ntests/fails.sh\ntests/flaky.sh';
const report = (): string => join(lab().workspace, 'qgjob-report');
afterEach(() => rmSync(report(), { recursive: true, force: true }));

/** A server that has no artifact any more, as after its retention. */
const withoutFiles = () =>
  startProxy(lab().url, ({ route }) =>
    route === 'getArtifact'
      ? {
          status: 404,
          body: JSON.stringify({ error: { code: 'not_found', message: 'gone', request_id: 'r' } }),
        }
      : undefined,
  );

/** The downloaded files, the ids of jobs left out. */
const files = (): string[] =>
  readdirSync(join(report(), 'artifacts'), { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) =>
      join(one.parentPath, one.name)
        .slice(report().length + 1)
        .replace(/_sh-[^/]+/, ''),
    )
    .sort();
const run = (inputs: Record<string, string>): Promise<PhaseResult> =>
  runMain(lab().step({ tests: all, ...inputs }));

test('what failed and flaky tests left is beside the report, attempt by attempt; of what passed nothing is', async () => {
  const { code, log } = await run({});
  expect(code).toBe(1);
  const both = (name: string) =>
    [1, 2].map((attempt) => `artifacts/tests_${name}/attempt-${attempt}/trace.zip`);
  expect(files().filter((name) => name.endsWith('trace.zip'))).toEqual([...both('fails'), ...both('flaky')]);
  // The agent has made a safe name of it.
  expect(files().filter((name) => name.endsWith('.txt'))).toHaveLength(2);
  expect(log).toMatch(/Evidence: 6 files, 1 KiB, in \S+qgjob-report.artifacts/);
  const [folder = ''] = readdirSync(join(report(), 'artifacts')).filter((name) => name.includes('fails'));
  expect(readFileSync(join(report(), 'artifacts', folder, 'attempt-1/trace.zip'), 'utf8')).toBe('fails');
});

test('with `all` what passed is there too, and with `none` nothing at all', async () => {
  await run({ artifacts: 'all' });
  expect(files()).toContain('artifacts/tests_passes/attempt-1/trace.zip');
  rmSync(join(report(), 'artifacts'), { recursive: true });
  const { log } = await run({ artifacts: 'none' });
  expect(readdirSync(report()).sort()).toEqual(['ctrf.json', 'junit.xml', 'run.json']);
  expect(log).not.toContain('Evidence');
});

test('a step whose tests all pass downloads nothing, and one without a folder for its report neither', async () => {
  await run({ tests: 'tests/passes.sh' });
  expect(existsSync(join(report(), 'artifacts'))).toBe(false);
  rmSync(report(), { recursive: true });
  await run({ tests: 'tests/fails.sh', 'report-path': '' });
  expect(existsSync(report())).toBe(false);
});

test('a link in the checkout leads no file out of it', async () => {
  const outside = tempFolder();
  mkdirSync(report());
  symlinkSync(outside, join(report(), 'artifacts'));
  const { code, log } = await run({});
  expect(code).toBe(1);
  expect(log).toContain('links that lead out of the folder of the report were removed from it');
  expect(readdirSync(outside)).toEqual([]);
  // It was removed, and what failed tests left is in a folder in its place.
  expect(readdirSync(join(report(), 'artifacts')).length).toBeGreaterThan(0);
});

test('files that cannot be had are told in words, and a step whose tests passed is green', async () => {
  const proxy = await withoutFiles();
  const result = await run({ 'server-url': proxy.url, tests: 'tests/passes.sh', artifacts: 'all' });
  proxy.close();
  expect(result).toMatchObject({ code: 0, outputs: { conclusion: 'success' } });
  expect(result.log).toMatch(/Evidence: 0 files, 0 KiB, in /);
  expect(result.log).toMatch(/^trace\.zip of job_\S+ is left out: gone$/m);
});

test('the name of a file is no command', async () => {
  const proxy = await withoutFiles();
  const { commands, outputs } = await run({ 'server-url': proxy.url, tests: 'tests/hostile.sh' });
  proxy.close();
  expect(commands.filter(({ data }) => data === 'owned' || data === 'y')).toEqual([]);
  expect(outputs).not.toHaveProperty('x');
});

test('a step that is cancelled downloads nothing', async () => {
  const phase = startMain(lab().step({ tests: 'tests/slow.sh' }));
  await phase.logged(/\nrunning on lab\/simulated-emulator-\d/);
  phase.child.kill('SIGINT');
  expect(await phase.done).toMatchObject({ code: 1, outputs: { conclusion: 'cancelled' } });
  expect(existsSync(join(report(), 'artifacts'))).toBe(false);
});
