import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace, untilTrue } from '../test-support/host.ts';
import { leasedJob, leaseOf } from '../test-support/leases.ts';
import { startTestAgent } from '../test-support/start-agent.ts';
import { ProcessFiles } from './process-files.ts';

const namesOf = ({ files }: { files: readonly { readonly name: string }[] } = { files: [] }): string[] =>
  files.map(({ name }) => name);

/** A folder of artifacts whose files are written in steps of at least 50 ms, far more than the clock of a disk may lag. */
async function openFolder() {
  const folder = join(makeWorkspace({ 'artifacts/.keep': '' }), 'artifacts');
  rmSync(join(folder, '.keep'));
  const files = new ProcessFiles(folder);
  const step = async (): Promise<void> => {
    const from = performance.now();
    await untilTrue(() => performance.now() - from > 50);
  };
  return {
    folder,
    files,
    async runs(testPath: string) {
      await step();
      files.runs(testPath, Date.now());
      await step();
    },
    write(name: string) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), name);
    },
  };
}

test('a file belongs to the test file that ran when it was written, each is answered once', async () => {
  const { files, runs, write } = await openFolder();
  write('before.txt');
  await runs('a');
  write('test-results/a-1/trace.zip');
  await runs('b');
  write('test-results/b-1/video.webm');
  await runs('a');
  write('test-results/a-2/trace.zip');
  expect(namesOf(await files.take('a'))).toEqual([
    'test-results/a-1/trace.zip',
    'test-results/a-2/trace.zip',
  ]);
  expect(namesOf(await files.take('a'))).toEqual([]);
  write('playwright-report/index.html');
  const rest = await files.takeRest();
  expect([...rest].map(([owner, found]) => [owner, namesOf(found)])).toEqual([
    [undefined, ['before.txt']],
    ['a', ['playwright-report/index.html']],
    ['b', ['test-results/b-1/video.webm']],
  ]);
});

test('a file that is moved when it is finished belongs to the test file that ran then', async () => {
  const { files, folder, runs, write } = await openFolder();
  await runs('a');
  write('.playwright-artifacts-0/video.webm');
  expect(namesOf(await files.take('a'))).toEqual([]);
  await runs('b');
  renameSync(join(folder, '.playwright-artifacts-0/video.webm'), join(folder, 'video.webm'));
  expect(namesOf(await files.take('b'))).toEqual(['video.webm']);
});

test('what a killed worker has not finished is kept at the end, and what is no artifact is said once', async () => {
  const { files, folder, runs, write } = await openFolder();
  await runs('a');
  write('.playwright-artifacts-0/half.webm');
  symlinkSync('/etc/passwd', join(folder, 'link'));
  expect(await files.take('a')).toMatchObject({ files: [], leftOut: [] });
  const rest = await files.takeRest();
  expect(namesOf(rest.get('a'))).toEqual(['.playwright-artifacts-0/half.webm']);
  expect(rest.get('a')?.leftOut).toEqual([{ name: 'link', why: 'a link' }]);
});

const config = {
  'playwright.config.ts': `export default { testDir: 'tests', reporter: [['html', { open: 'never' }]] };`,
};
const spec = (name: string, body: string): string =>
  `import { writeFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
test('${name}', async ({}, info) => {
  await new Promise((resolve) => setTimeout(resolve, 50));
  ${body}
});`;

test('the files of one process of Playwright go with the jobs of their tests', async () => {
  const { server } = await startTestAgent({
    frameworks: { default: 'playwright' },
    files: {
      ...config,
      'tests/a.spec.ts': spec(
        'a',
        `writeFileSync(info.outputPath('of-a.txt'), 'a'); expect(1, 'one').toBe(2);`,
      ),
      'tests/b.spec.ts': spec('b', `writeFileSync(info.outputPath('of-b.txt'), 'b');`),
      'tests/c.spec.ts': spec(
        'c',
        `writeFileSync('given.txt', 'c'); await info.attach('given', { path: 'given.txt' });`,
      ),
    },
  });
  const jobs = ['a', 'b', 'c'].map((name) => leasedJob(`tests/${name}.spec.ts`));
  server.grant(leaseOf(jobs, { framework: 'playwright' }));
  const of = (name: string) => Object.keys(server.artifacts.of(`job_tests_${name}_spec_ts`));
  const wanted = [
    ['a', /\.txt$/],
    ['b', /\.txt$/],
    ['c', /attachments/],
    ['c', /^playwright-report/],
  ] as const;
  await server.until(() => wanted.every(([name, part]) => of(name).some((one) => part.test(one))));
  expect(of('a').filter((name) => name.endsWith('.txt'))).toEqual(['test-results/a-a/of-a.txt']);
  expect(of('b').sort()).toEqual([
    expect.stringMatching(/^qgjob-blob.*-2.jsonl$/),
    'test-results/b-b/of-b.txt',
  ]);
  expect(of('c').filter((name) => /attachments/.test(name))).toEqual([
    expect.stringMatching(/^test-results\/c-c\/attachments\/given-\w+\.txt$/),
  ]);
});
