import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseJunit } from '../../agent/reports/read-junit.ts';
import type { RunRecord } from '../../report/run-record.ts';
import { runMain } from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';
import { renderGfm } from '../support/gfm.ts';
import { startFakeGithub } from '../support/github/fake-github.ts';
import { allowedElements, hostile, hostileName } from '../support/hostile.ts';

const [files, perFile, failedPerFile] = [20, 250, 30];

// What XML cannot hold is in no report.
const xml = (text: string): string =>
  [...text]
    .filter((char) => char >= ' ' || char === '\n')
    .map((char) => (/[&<>"\n]/.test(char) ? `&#${char.charCodeAt(0)};` : char))
    .join('');

const reportOf = (file: number): string => {
  const cases = Array.from({ length: perFile }, (_, index) => {
    const name = hostileName(file * perFile + index);
    const failure =
      index < failedPerFile ? `<failure message="${xml(name)}">${xml(hostile.join('\n'))}</failure>` : '';
    return `<testcase name="${xml(name)}" time="0.01">${failure}</testcase>`;
  });
  return `<testsuite name="s">${cases.join('')}</testsuite>`;
};

const lab = useLab(
  Object.fromEntries(
    Array.from({ length: files }, (_, file) => [
      [`tests/${file}.sh`, `cp reports/${file}.xml "$QGJOB_JUNIT"; exit 1`],
      [`reports/${file}.xml`, reportOf(file)],
    ]).flat(),
  ),
);

test('of 5000 tests with 600 failures and hostile names every limit of GitHub holds, and the files have all', async () => {
  const github = await startFakeGithub();
  const head = '2222222222222222222222222222222222222222';
  const repo = { id: 4711 };
  const payload = { pull_request: { number: 7, head: { sha: head, repo }, base: { repo } } };
  const step = lab().step(
    { tests: 'tests/*.sh', 'retry-failed-tests': '0' },
    { githubToken: github.token(), event: { name: 'pull_request', payload } },
  );
  const result = await runMain({ ...step, env: { ...step.env, GITHUB_API_URL: github.url } });
  expect(result.outputs).toMatchObject({ status: 'failed', total: '20', failed: '20' });

  const { summary } = result;
  expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(900 * 1024);
  for (const text of [summary, github.comments[0]?.body ?? '', github.checks[0]?.output?.summary ?? '']) {
    expect(text).not.toBe('');
    const { elements, references, addresses } = renderGfm(text);
    expect([...elements].filter((name) => !allowedElements.has(name) && name !== 'h4')).toEqual([]);
    expect(references).toEqual([]);
    expect(addresses.filter((address) => !address.startsWith(lab().url))).toEqual([]);
  }
  // Calls with more annotations or longer texts than GitHub takes would be problems.
  expect(github.problems).toEqual([]);
  expect(github.checks[0]?.annotations).toHaveLength(600);
  expect(github.comments[0]?.body.length).toBeLessThan(65_536);

  const folder = String(result.outputs['report-path']);
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const { tests } = await parseJunit(read('junit.xml'));
  expect(tests.filter(({ status }) => status === 'failed')).toHaveLength(600);
  const record = JSON.parse(read('run.json')) as RunRecord;
  const cases = record.jobs.flatMap((job) => job.tests ?? []);
  expect([cases.length, cases.filter(({ status }) => status === 'failed').length]).toEqual([5000, 600]);
  expect(JSON.parse(read('ctrf.json'))).toMatchObject({ results: { summary: { tests: 5000, failed: 600 } } });
});
