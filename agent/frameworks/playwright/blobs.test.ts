import { expect, test } from 'vitest';
import type { BlobLine } from '../../../client/blobs/blob-shape.ts';
import { untilTrue } from '../../test-support/host.ts';
import { leasedJob, leaseOf } from '../../test-support/leases.ts';
import { startTestAgent, type TestAgent } from '../../test-support/start-agent.ts';

const head = `import { test } from '@playwright/test';\n`;
const ever = 'await new Promise(() => {});';

async function run(
  files: Readonly<Record<string, string>>,
  options: Parameters<typeof startTestAgent>[0] = {},
  config = `export default { testDir: 'tests', reporter: [['blob']] };`,
): Promise<TestAgent> {
  const paths = Object.keys(files);
  const sources = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, head + text]));
  const started = await startTestAgent({
    files: {
      'playwright.config.ts': config,
      ...sources,
    },
    frameworks: { default: 'playwright' },
    ...options,
  });
  started.server.grant(
    leaseOf(
      paths.map((path) => leasedJob(path)),
      { framework: 'playwright' },
    ),
  );
  return started;
}

const blobsOf = ({ server }: TestAgent, job: string): string[] =>
  Object.entries(server.artifacts.of(job))
    .filter(([name]) => name.startsWith('qgjob-blob/'))
    .map(([, text]) => text);
/** The lines of the one blob of a job, when it is there. */
async function blobOf(agent: TestAgent, job: string): Promise<BlobLine[]> {
  await untilTrue(() => blobsOf(agent, job).length > 0);
  const [blob = '', ...more] = blobsOf(agent, job);
  expect(more).toEqual([]);
  return blob
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as BlobLine);
}
const methods = (lines: readonly BlobLine[]): string[] => [...new Set(lines.map(({ method }) => method))];

test('each file of a lease leaves a blob of its own, with its own tests, masked, and with the names of its files', async () => {
  const agent = await run(
    {
      'tests/a.spec.ts': `test('says', async ({}, info) => { console.log('the word hunter22-of-a'); await info.attach('note', { body: 'x' }); });`,
      'tests/b.spec.ts': `test('fails', async () => { throw new Error('no luck'); });`,
    },
    { redact: ['hunter22-of-a'] },
  );
  const a = await blobOf(agent, 'job_tests_a_spec_ts');
  expect(a[0]?.params).toMatchObject({ file: 'tests/a.spec.ts' });
  expect(methods(a)).toEqual([
    ...[
      'onBlobReportMetadata',
      'onProject',
      'onTestBegin',
      'onStepBegin',
      'onStepEnd',
      'onStdIO',
      'onTestEnd',
    ],
  ]);
  expect(a.at(-1)?.params.result).toMatchObject({
    status: 'passed',
    attachments: [{ name: 'note', base64: 'eA==' }],
  });
  expect(JSON.stringify(a)).toContain('the word');
  expect(JSON.stringify(a)).not.toContain('hunter22');
  const b = await blobOf(agent, 'job_tests_b_spec_ts');
  expect(b.at(-1)?.params.result).toMatchObject({
    status: 'failed',
    errors: [{ message: 'Error: no luck' }],
  });
  expect(JSON.stringify(b)).not.toContain('says');
});

test('a process that is killed leaves what it knew of the file that ran, and the others keep theirs', async () => {
  const agent = await run({
    'tests/a.spec.ts': `test('passes', () => undefined);`,
    'tests/b.spec.ts': `test('first', () => undefined); test('kills', async () => { await new Promise((then) => setTimeout(then, 500)); process.kill(process.ppid, 'SIGKILL'); ${ever} });`,
  });
  const a = await blobOf(agent, 'job_tests_a_spec_ts');
  expect(a.at(-1)?.params.result).toMatchObject({ status: 'passed' });
  const b = await blobOf(agent, 'job_tests_b_spec_ts');
  expect(b.filter(({ method }) => method === 'onTestBegin')).toHaveLength(2);
  expect(b.filter(({ method }) => method === 'onTestEnd')).toHaveLength(1);
});

test('a blob that cannot be written costs the run nothing', async () => {
  const config = `import { mkdirSync, writeFileSync } from 'node:fs';
    const at = process.argv.indexOf('--output') + 1;
    if (at > 0) mkdirSync(process.argv[at], { recursive: true });
    if (at > 0) writeFileSync(process.argv[at] + '/../qgjob-blob', 'in the way');
    export default {};`;
  const agent = await run({ 'tests/a.spec.ts': `test('passes', () => undefined);` }, {}, config);
  expect(await agent.server.verdict('job_tests_a_spec_ts')).toMatchObject({ verdict: 'passed' });
  await agent.stop();
  expect(agent.server.artifacts.of('job_tests_a_spec_ts')).toEqual({ 'qgjob-blob': 'in the way' });
});

test('without blob_report there is none', async () => {
  const agent = await run(
    { 'tests/a.spec.ts': `test('passes', () => undefined);` },
    { frameworks: { default: 'playwright', playwright: { blob_report: false } } },
  );
  await agent.server.verdict('job_tests_a_spec_ts');
  await agent.stop();
  expect(blobsOf(agent, 'job_tests_a_spec_ts')).toEqual([]);
});
