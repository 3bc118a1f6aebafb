import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { fromBuffer } from 'yauzl';
import { makeJob } from '../../cli/test-support/answers.ts';
import type { Artifact } from '../../protocol/shapes/artifact.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import { tempFolder } from '../../test/support/queue.ts';
import type { Downloaded } from '../artifacts/download-artifacts.ts';
import { begin, blob, end, location, specFile, step } from '../test-support/blob-lines.ts';
import type { BlobLine } from './blob-shape.ts';
import { writeBlobs } from './write-blobs.ts';

const job = makeJob({ job_id: 'job_1', test_path: specFile });

interface Left {
  readonly name: string;
  readonly text: string;
  readonly attempt?: number;
  readonly of?: Job;
}

/** Writes the reports of what was left; answers their lines. */
async function write(left: readonly Left[], jobs: readonly Job[] = [job]) {
  const [from, folder] = [tempFolder(), tempFolder()];
  const downloaded = left.map(({ name, text: content, attempt = 1, of = job }, index): Downloaded => {
    const path = join(from, `${index}-${name.replaceAll('/', '_')}`);
    writeFileSync(path, content);
    const artifact = { job_id: of.job_id, name, attempt } as Artifact;
    return { artifact, path };
  });
  const { count, lacking, missing } = await writeBlobs(downloaded, jobs, { folder, root: '/suite' });
  const names = readdirSync(folder).filter((name) => name.endsWith('.zip'));
  const reports = await Promise.all(names.map((name) => linesOf(readFileSync(join(folder, name)))));
  return { count, lacking, missing, folder, reports };
}

const linesOf = (zip: Buffer): Promise<BlobLine[]> =>
  new Promise((resolve, reject) => {
    fromBuffer(zip, { lazyEntries: true }, (error, opened) => {
      if (error) return reject(error);
      opened.on('error', reject).once('entry', (entry) =>
        opened.openReadStream(entry, async (_, stream) => {
          const all = (await text(stream)).trim().split('\n');
          resolve(all.map((line) => JSON.parse(line) as BlobLine));
        }),
      );
      opened.readEntry();
    });
  });

const named = (name: string, content: string, more: Partial<Left> = {}): Left => ({
  name: `qgjob-blob/${name}.jsonl`,
  text: content,
  ...more,
});
const ends = (lines: readonly BlobLine[] = []) =>
  lines.filter(({ method }) => method === 'onTestEnd').map(({ params }) => params);

test('the attempts of a job become one report, in which a test that ran again has a retry', async () => {
  const { reports, count } = await write([
    named('b', blob(['t2'], [begin('t2', 'r3'), end('t2', 'r3')]), { attempt: 2 }),
    named('a', blob(['t1', 't2'], [begin('t1', 'r1'), end('t1', 'r1'), begin('t2', 'r2'), end('t2', 'r2')])),
  ]);
  expect(count).toBe(1);
  const [lines = []] = reports;
  expect(lines.filter(({ method }) => method === 'onTestBegin').map(({ params }) => params)).toMatchObject([
    { testId: 't1', result: { id: 'r1', retry: 0 } },
    { testId: 't2', result: { id: 'r2', retry: 0 } },
    { testId: 't2', result: { id: 'r3', retry: 1 } },
  ]);
  const tests = lines.flatMap(({ params }) => params.project?.suites ?? []).flatMap(({ entries }) => entries);
  expect(tests.map((one) => ('testId' in one ? one.testId : ''))).toEqual(['t1', 't2']);
  expect(lines[0]).toMatchObject({
    method: 'onBlobReportMetadata',
    params: { version: 2, pathSeparator: '/' },
  });
});

test('what a killed process left ends with its last whole line, and the test that ran then has failed', async () => {
  const whole = blob(['t1', 't2'], [begin('t1', 'r1'), end('t1', 'r1'), begin('t2', 'r2')]);
  const { reports } = await write([named('a', `${whole}{"method":"onStepBe`)]);
  expect(ends(reports[0])).toMatchObject([
    { result: { id: 'r1', status: 'passed' } },
    {
      result: { id: 'r2', status: 'failed', errors: [{ message: expect.stringContaining('ended before') }] },
    },
  ]);
});

test('attachments are those that were downloaded of the same attempt, and nothing else of this disk', async () => {
  const attachments = [
    { name: 'trace', path: 'test-results/a/trace.zip' },
    { name: 'of another attempt', path: 'test-results/b.txt' },
    { name: 'out', path: '../../../etc/passwd' },
    { name: 'whole', path: '/etc/passwd' },
  ];
  const { reports, folder } = await write([
    named('a', blob(['t1'], [begin('t1', 'r1'), end('t1', 'r1', { attachments })])),
    { name: 'test-results/a/trace.zip', text: 'the trace' },
    { name: 'test-results/b.txt', text: 'another', attempt: 2 },
  ]);
  const [{ result } = {}] = ends(reports[0]);
  expect(result?.attachments?.map(({ path }) => path)).toEqual([
    'resources/1.zip',
    undefined,
    undefined,
    undefined,
  ]);
  expect(readFileSync(join(folder, 'resources/1.zip'), 'utf8')).toBe('the trace');
});

test.each([
  '/etc/passwd',
  '../secret.ts',
  'tests/../../x.ts',
  '.git/config',
  'a/.env.ts',
  'notes.txt',
  'C:\\x.ts',
  'a\n/../../../home/x/secret.js',
  'a/..\n/x.js',
  '',
])('a step at %j is not shown with the lines of that file', async (path) => {
  const odd = step('t1', 'r1', location(path));
  const { reports } = await write([named('a', blob(['t1'], [begin('t1', 'r1'), odd, end('t1', 'r1')]))]);
  const [line] = (reports[0] ?? []).filter(({ method }) => method === 'onStepBegin');
  expect(line?.params).toMatchObject({ step: { location: { file: 'elsewhere', line: 0 } } });
  expect(JSON.stringify(reports)).toContain(JSON.stringify(location(specFile)));
});

test.each([
  ['no JSON', 'no blob at all'],
  ['a line in the midst that is no JSON', `${blob(['t1'])}no line\n${blob(['t1'])}`],
  ['a newer version', blob(['t1']).replace('"version":2', '"version":3')],
  ['a time that is none', blob(['t1'], [begin('t1', 'r1')]).replace('1000', '"soon"')],
  ['JSON of another kind', '{"method":"x","params":null}\n'],
  ['suites that are none', blob(['t1']).replace('"suites":[{', '"suites":[7,{')],
])('%s is left out with its name, and the others stay', async (_what, content) => {
  const other = { ...job, job_id: 'job_2' };
  const { lacking, missing, count } = await write(
    [named('bad', content), named('good', blob(['t1']), { of: other })],
    [job, other],
  );
  expect(lacking).toEqual(['qgjob-blob/bad.jsonl of tests/a.spec.ts: it is damaged, or of another version']);
  expect(missing).toEqual([job]);
  expect(count).toBe(1);
});

test('lines about tests and runs that nobody announced are left out: Playwright would merge nothing', async () => {
  const { reports } = await write([
    named(
      'a',
      blob(['t1'], [begin('t9', 'r9'), end('t9', 'r9'), end('t1', 'r7'), begin('t1', 'r1'), end('t1', 'r1')]),
    ),
  ]);
  expect(ends(reports[0])).toMatchObject([{ result: { id: 'r1' } }]);
});

test('a file beside the one of the job has a report of its own, and targets are named where there are several', async () => {
  const other = { ...job, job_id: 'job_2', target: 'device/pixel-8' };
  const { reports } = await write(
    [
      named('a', blob(['t1'])),
      named('b', blob(['s1'], [], 'tests/setup.ts')),
      named('c', blob(['t1']), { of: other }),
    ],
    [job, other],
  );
  expect(reports.map((lines) => lines[0]?.params)).toMatchObject([
    { name: 'emulator' },
    { name: 'emulator' },
    { name: 'device/pixel-8' },
  ]);
});

test('an attachment is copied once, however many runs name it, and what was downloaded stays as it is', async () => {
  const attachments = [1, 2, 3].map(() => ({ name: 'trace', path: 'test-results/trace.zip' }));
  const { folder } = await write([
    named('a', blob(['t1'], [begin('t1', 'r1'), end('t1', 'r1', { attachments })])),
    { name: 'test-results/trace.zip', text: 'the trace' },
  ]);
  expect(readdirSync(join(folder, 'resources'))).toEqual(['1.zip']);
  expect(statSync(join(folder, 'resources/1.zip')).nlink).toBe(1);
});

test('jobs of which nothing can be read are named as missing', async () => {
  const other = { ...job, job_id: 'job_2', test_path: 'tests/b.spec.ts' };
  const { missing, count } = await write(
    [named('a', blob(['t1'])), named('b', blob(['s1'], [], 'tests/setup.ts'), { of: other })],
    [job, other],
  );
  expect(count).toBe(2);
  expect(missing).toEqual([other]);
});
