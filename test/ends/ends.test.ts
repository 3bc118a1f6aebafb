import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { concludeCheck } from '../../action/follow/conclude-check.ts';
import { followRun } from '../../action/follow/follow-run.ts';
import { runOutputs } from '../../action/report/outputs.ts';
import { createClient } from '../../client/index.ts';
import { conclusions, finalJobStatuses, outcomes } from '../../protocol/states.ts';
import { makeFolder, runCli } from '../support/processes.ts';
import type { End } from './end.ts';
import { endsOfTests } from './ends-of-tests.ts';
import { endsOfTheQueue } from './ends-of-the-queue.ts';
import { type EndsLab, openEndsLab } from './lab.ts';

/** Each end has its own tests and device, so that its errors do not bench the device of another. */
const folderOf = (index: number): string => `end-${index}`;

const tested: End[] = endsOfTests.map(({ files, body, ...end }, index) => ({
  ...end,
  make: (lab) =>
    lab.submit({
      ...body,
      target: `emulator/${folderOf(index)}`,
      tests: (body?.tests ?? Object.keys(files)).map((path) => join(folderOf(index), path)),
    }),
}));
const ends: readonly End[] = [...tested, ...endsOfTheQueue];

let lab: EndsLab;
const runs = new Map<string, Promise<string>>();

beforeAll(async () => {
  const files = endsOfTests.flatMap((end, index) =>
    Object.entries(end.files).map(([path, text]) => [join(folderOf(index), path), text] as const),
  );
  const pools = endsOfTests.map((_, index) => `emulator/${folderOf(index)}`);
  lab = await openEndsLab(pools, Object.fromEntries(files));
  // The clock is advanced only when these runs have ended.
  const live = tested.map((end) => end.make(lab).then(lab.final));
  for (const [index, run] of live.entries()) runs.set(tested[index]?.name ?? '', run);
  let before: Promise<unknown> = Promise.all(live);
  for (const end of endsOfTheQueue) {
    const run = before.then(() => end.make(lab));
    runs.set(end.name, run);
    before = run;
  }
  await before;
});

afterAll(() => lab?.close());

test.each(ends)('$name: exit code $exitCode, conclusion $run.conclusion', async (end) => {
  const id = (await runs.get(end.name)) ?? '';
  const token = end.token?.(lab) ?? lab.token;
  const [exitCode, step] = await Promise.all([readExitCode(id, token, end), readStep(id, token, end)]);
  const { jobs, ...run } = await lab.server.client.call('getRun', { params: { id } });

  expect(run).toMatchObject(end.run);
  expect(distinct(jobs.map((job) => job.outcome))).toEqual(distinct(end.outcomes));
  if (end.because) expect(jobs.map((job) => job.error ?? '').join('\n')).toMatch(end.because);
  expect(exitCode).toBe(end.exitCode);
  expect(step).toMatchObject({ status: end.step.status, conclusion: end.step.conclusion });
  if (end.step.fails) expect(step.failure).toMatch(end.step.fails);
  else expect(step.failure).toBeUndefined();
  const isGreen = ['passed', 'flaky', 'flaky by the report', 'passed though superseded'].includes(end.name);
  expect([
    exitCode === 0,
    step.failure === undefined,
    run.conclusion === 'success',
    step.conclusion === 'success',
  ]).toEqual(Array(4).fill(isGreen));
});

const distinct = (given: readonly (string | null)[]): string[] => [...new Set(given.map(String))].sort();

async function readExitCode(id: string, token: string, { waitMs }: End): Promise<number | null> {
  const flags = [`--server-url=${lab.server.url}`, `--token=${token}`];
  const timeout = waitMs === undefined ? [] : [`--timeout=${waitMs}ms`];
  return (await runCli(['wait', id, ...flags, ...timeout], { cwd: makeFolder({}) })).code;
}

/** What the Action does after its submit, without the runner. */
async function readStep(id: string, token: string, { waitMs }: End) {
  const { jobs, ...run } = await lab.server.client.call('getRun', { params: { id } });
  const client = createClient({ url: lab.server.url, token });
  const stop = new AbortController().signal;
  // The Action prints to the workflow's log.
  const output = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const followed = await followRun(client, { run, jobs }, { timeoutMs: waitMs, stop }).finally(() =>
    output.mockRestore(),
  );
  const { status, conclusion } = runOutputs(followed.record, followed.ending);
  return { status, conclusion, failure: concludeCheck(followed, waitMs) };
}

test('every outcome, every final status and every conclusion is in the table', () => {
  expect(distinct(ends.flatMap((end) => end.outcomes).filter((outcome) => outcome !== null))).toEqual(
    distinct(outcomes),
  );
  const final = ends.filter((end) => end.run.conclusion !== null);
  expect(distinct(final.map((end) => end.run.status))).toEqual(distinct(finalJobStatuses));
  expect(distinct(final.map((end) => end.run.conclusion))).toEqual(distinct(conclusions));
});

test('a submit without tests is refused by the API, and the CLI exits with 2', async () => {
  const { status, json } = await lab.server.ask('submitRun', {
    body: { org_id: 'acme', app_version_id: 'v1', tests: [] },
  });
  expect([status, json.error.code]).toEqual([400, 'invalid']);
  const flags = [`--server-url=${lab.server.url}`, `--token=${lab.token}`, '--wait'];
  const cwd = makeFolder({ 'a.sh': '' });
  for (const tests of [[], ['--test=*.spec.ts']]) {
    const ended = await runCli(['submit', '--app-version-id=v1', ...tests, ...flags], { cwd });
    expect(ended).toMatchObject({ code: 2, stdout: '' });
  }
});
