import { expect, test } from 'vitest';
import { makeJob, makeRecord } from '../action/test-support/records.ts';
import { fitBlocks, renderSummary } from './render-summary.ts';

test('what did not pass stands first, and messages can be unfolded', () => {
  const jobs = [
    makeJob('a.spec.ts', { tests: [{ name: 'works', status: 'passed', duration_ms: 5 }] }),
    makeJob('b.spec.ts', { outcome: 'flaky', attempt: 2 }),
    makeJob('c.spec.ts', {
      status: 'failed',
      tests: [
        {
          name: 'adds up',
          file: 'c.spec.ts',
          line: 7,
          status: 'failed',
          duration_ms: 5,
          message: 'expected 4',
        },
        { name: 'fine', status: 'passed', duration_ms: 5 },
        { name: 'later', status: 'skipped', duration_ms: 0 },
      ],
    }),
    makeJob('d.spec.ts', { status: 'errored', error: 'the device went offline', duration_ms: null }),
  ];
  const record = makeRecord(jobs, { status: 'failed', conclusion: 'failure', installs_saved: 3 });
  expect(
    renderSummary({ record, failure: '1 of 4 jobs failed', waited: true }),
  ).toBe(`### qgjob: 1 of 4 jobs failed

<a href="https://qgjob.example.com/v1/runs/run_1">run&#95;1</a>: app version v1 · 4 jobs: 2 passed, 1 failed, 1 errored (1 flaky) · 1 install, 3 saved · 1 m 20 s

| Result | Test file | Target | Tests | Attempts | Duration |
|---|---|---|--:|--:|--:|
| **failed** | c.spec.ts | emulator | 1 of 2 | 1 | 1.2 s |
| **errored** | d.spec.ts | emulator |  | 1 |  |
| flaky | b.spec.ts | emulator |  | 2 | 1.2 s |
| passed | a.spec.ts | emulator | 1 | 1 | 1.2 s |

<details><summary>failed: c.spec.ts on emulator</summary>

**adds up** (c.spec.ts:7)

<pre>expected 4</pre>

</details>

<details><summary>errored: d.spec.ts on emulator</summary>

<pre>the device went offline</pre>

</details>

\`\`\`text
queue and install        █                               2.0 s
from first test to last  ██████████████████████████████  1 m 18 s
tests, all devices       █                               3.7 s
\`\`\`
`);
});

test('the largest run stays under 900 KiB, with whole blocks and a word on what is left out', () => {
  const jobs = Array.from({ length: 10_000 }, (_, index) =>
    makeJob(`${'|'.repeat(400)}${index}.spec.ts`, { status: 'failed', error: 'x'.repeat(3000) }),
  );
  const record = makeRecord(jobs, { status: 'failed', conclusion: 'failure' });
  const summary = renderSummary({ record, failure: 'all failed', waited: true });
  expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(900 * 1024);
  expect(Buffer.byteLength(summary)).toBeGreaterThan(850 * 1024);
  expect(summary).toMatch(/\n\d+ more jobs are not shown\.\n/);
  expect(summary).toMatch(/The messages of \d+ more jobs are left out/);
  expect(summary.match(/<details>/g)?.length).toBe(summary.match(/<\/details>/g)?.length);
});

test('tests that a report counted and does not list are mentioned, and flaky tests with their first message', () => {
  const report = { total: 50_000, passed: 49_880, failed: 120, skipped: 0, flaky: 0, listed: 1 };
  const jobs = [
    makeJob('a', { status: 'failed', tests: [{ name: 'adds', status: 'failed', duration_ms: 1 }], report }),
    makeJob('b', {
      outcome: 'flaky',
      tests: [{ name: 'loads', status: 'flaky', duration_ms: 1, message: 'not yet' }],
      report: { total: 3, passed: 3, failed: 0, skipped: 0, flaky: 1, listed: 3 },
      retried_tests: 1,
    }),
  ];
  const record = makeRecord(jobs, { status: 'failed', conclusion: 'failure' });
  const summary = renderSummary({ record, failure: 'x', waited: true });
  expect(summary).toContain('| **failed** | a | emulator | 49880 of 50000 | 1 |');
  expect(summary).toContain('| flaky | b | emulator | 3 (1 flaky) | 1 |');
  expect(summary).toContain(
    '\n\n120 of 50000 tests failed, 1 listed\n\n**adds**\n\nand 119 more failed tests are not listed\n',
  );
  expect(summary).toContain(
    '<summary>flaky: b on emulator</summary>\n\n3 tests passed (1 flaky), 1 listed\n\nThe last attempt retried 1 of 3 tests.\n\nflaky: **loads**\n\n<pre>not yet</pre>',
  );
});

test('a step that did not wait says so', () => {
  const record = makeRecord([makeJob('a', { status: 'queued', attempt: 0, duration_ms: null })], {
    status: 'queued',
    conclusion: null,
    finished_at: null,
  });
  const summary = renderSummary({ record, failure: undefined, waited: false });
  expect(summary).toContain('### qgjob: submitted, not waited for');
  expect(summary).toContain('| **queued** | a | emulator |  | 0 |  |');
});

test('blocks fit whole or not at all', () => {
  const note = (count: number) => `${count} left out`;
  expect(fitBlocks(['aa', 'bb'], 6, note)).toBe('aa\nbb\n');
  expect(fitBlocks(['aa', 'bb'], 5, note)).toBe('aa\n1 left out\n');
  expect(fitBlocks([], 5, note)).toBe('');
});

test('new failures stand before known ones, with the device and links to what the attempt left', () => {
  const failed = { status: 'failed', outcome: null, device_id: 'dev_1', error: 'no' } as const;
  const jobs = [
    makeJob('old', { ...failed, known_failure: true }),
    makeJob('fresh', {
      ...failed,
      known_failure: false,
      provider: { name: 'bs', session_id: '1', url: 'https://bs.example.com/1' },
    }),
  ];
  const at = { artifact_id: 'a', job_id: 'job_fresh', attempt: 1, content_type: 'x', size: 1, sha256: 'x' };
  const files = [
    { ...at, kind: 'video', name: 'video.webm', url: 'https://q.example.com/v1/artifacts/2' },
    { ...at, kind: 'trace', name: '<b>.zip', url: 'https://q.example.com/v1/artifacts/1' },
    { ...at, kind: 'other', name: 'x', url: 'javascript:alert(1)' },
  ] as const;
  const evidence = {
    site: 'https://q.example.com',
    devices: new Map([['dev_1', 'rack-1/pixel|8']]),
    files: new Map([['job_fresh', files]]),
  };
  const record = makeRecord(jobs, { status: 'failed', conclusion: 'failure' });
  const summary = renderSummary({ record, failure: 'x', waited: true, evidence });
  const titles = [...summary.matchAll(/<summary>(.*)<\/summary>/g)].map(([, title]) => title);
  expect(titles).toEqual([
    'failed (new): fresh on emulator, rack-1/pixel&#124;8',
    'failed (known): old on emulator, rack-1/pixel&#124;8',
  ]);
  expect(summary).toContain(
    '<a href="https://bs.example.com/1">session at bs</a> · <a href="https://q.example.com/v1/artifacts/1">trace: &#60;b&#62;.zip</a> · <a href="https://q.example.com/v1/artifacts/2">video: video.webm</a> · x · <a href="https://q.example.com/v1/jobs/job_fresh/logs">log</a>\n',
  );
});
