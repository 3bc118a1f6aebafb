import { expect, test } from 'vitest';
import { makeJob, makeRecord } from '../action/test-support/records.ts';
import { parseJunit } from '../agent/reports/read-junit.ts';
import type { TestCase } from '../protocol/shapes/job.ts';
import { renderGfm } from '../test/support/gfm.ts';
import { allowedElements, hostile, hostileName } from '../test/support/hostile.ts';
import { toCtrf } from './ctrf.ts';
import { toJunit } from './junit.ts';
import { renderSummary } from './render-summary.ts';

/** 5000 tests in 100 files, 600 of them failed, whose names, messages, files and targets are hostile. */
function hostileRun() {
  const jobs = Array.from({ length: 100 }, (_, file) => {
    const tests = Array.from({ length: 50 }, (_, index): TestCase => {
      const failed = index < 6;
      const name = hostileName(file * 50 + index);
      return {
        ...{ name, file: name.slice(0, 1000), duration_ms: 5, status: failed ? 'failed' : 'passed' },
        ...(failed && { message: `${name}\n${hostile.join('\n')}` }),
      };
    });
    return makeJob(`${hostileName(file)}.spec.ts`, {
      job_id: `job_${file}`,
      ...{ status: 'failed', outcome: null, tests, error: hostile.join('\n'), device_id: 'dev_1' },
    });
  });
  return makeRecord(jobs, { status: 'failed', conclusion: 'failure' });
}

const artifactOf = (job: string) => ({
  ...{ artifact_id: 'a', job_id: job, attempt: 1, kind: 'trace' as const, content_type: 'x', size: 1 },
  ...{ sha256: 'x', name: hostile.join(' '), url: 'https://qgjob.example.com/v1/artifacts/a' },
});

test('of 5000 tests with hostile names nothing comes alive in the rendered summary', () => {
  const record = hostileRun();
  const files = new Map(record.jobs.map((job) => [job.job_id, [artifactOf(job.job_id)]]));
  const devices = new Map([['dev_1', hostile.join('\n')]]);
  const evidence = { site: 'https://qgjob.example.com', devices, files };
  const summary = renderSummary({ record, failure: hostile.join(' '), waited: true, evidence });
  expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(900 * 1024);
  const { elements, addresses, references } = renderGfm(summary);
  expect([...elements].filter((name) => !allowedElements.has(name))).toEqual([]);
  const logs = addresses.filter((address) =>
    /^https:\/\/qgjob\.example\.com\/v1\/jobs\/[^/]+\/logs$/.test(address),
  );
  expect(logs.length).toBeGreaterThan(0);
  const others = new Set(addresses.filter((address) => !logs.includes(address)));
  expect([...others]).toEqual([record.run.url, artifactOf('').url]);
  expect([...new Set(references)]).toEqual([]);
});

test('the files of the report have every failure of them', async () => {
  const record = hostileRun();
  const ctrf = toCtrf(record) as { results: { summary: object; tests: { status: string; name: string }[] } };
  expect(ctrf.results.summary).toMatchObject({ tests: 5000, failed: 600, passed: 4400 });
  const { tests } = await parseJunit(toJunit(record));
  expect(tests.filter(({ status }) => status === 'failed')).toHaveLength(600);
  const back = JSON.parse(JSON.stringify(record)) as typeof record;
  expect(
    back.jobs.flatMap((job) => job.tests ?? []).filter(({ status }) => status === 'failed'),
  ).toHaveLength(600);
});
