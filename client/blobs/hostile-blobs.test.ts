import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { makeJob } from '../../cli/test-support/answers.ts';
import type { Artifact } from '../../protocol/shapes/artifact.ts';
import { readEntry } from '../../test/support/html-report.ts';
import { makeFolder } from '../../test/support/processes.ts';
import { projectRoot } from '../../test/support/sources.ts';
import { begin, blob, end, location, specFile, step } from '../test-support/blob-lines.ts';
import { findPlaywright, mergeHtml } from './merge-html.ts';
import { writeBlobs } from './write-blobs.ts';

const secret = 'the-secret-of-this-machine';

interface Shown {
  readonly tests: readonly { readonly title: string; readonly outcome: string }[];
}

/** What the page that this project's Playwright makes says of each test file, and all that the page is made of. */
async function merge(blobs: Readonly<Record<string, string>>, home: string) {
  const folder = makeFolder({});
  const jobs = Object.keys(blobs).map((path) => makeJob({ job_id: path, test_path: path }));
  const downloaded = jobs.map(({ job_id: id }, index) => {
    const path = join(folder, `${index}.jsonl`);
    writeFileSync(path, blobs[id] ?? '');
    const name = `qgjob-blob/${index}.jsonl`;
    return { artifact: { job_id: id, name, attempt: 1 } as Artifact, path };
  });
  const [to, output] = [join(folder, 'blobs'), join(folder, 'html')];
  const written = await writeBlobs(downloaded, jobs, { folder: to, root: home });
  const cli = findPlaywright(projectRoot) ?? '';
  await mergeHtml({ cli, blobs: to, root: home, output, env: {} });
  const page = readFileSync(join(output, 'index.html'), 'utf8');
  const [, zip = ''] = /data:application\/zip;base64,([A-Za-z0-9+/=]+)/.exec(page) ?? [];
  const shown: Record<string, Shown> = {};
  for (const path of Object.keys(blobs)) {
    const name = `${createHash('sha1').update(path).digest('hex').slice(0, 20)}.json`;
    shown[path] = (await readEntry(Buffer.from(zip, 'base64'), name)) as Shown;
  }
  const files = readdirSync(output, { recursive: true }).map(String);
  return { written, shown, files };
}

test('no line of a blob makes Playwright show a file of this machine, or keeps it from making the page', async () => {
  const home = makeFolder({
    'secret.js': `1;\n2;\n${secret};\n4;\n`,
    'suite/tests/a.spec.ts': '1;\n2;\n3;\n4;\n',
  });
  const root = join(home, 'suite');
  const path = join(home, 'secret.js');
  const of = { testId: 't1', resultId: 'r1' };
  const attachment = { name: 'x', contentType: 'text/plain' };
  const ended = (id: string, attachments: number[]) => ({
    method: 'onStepEnd',
    params: { ...of, step: { id, duration: 1, attachments } },
  });
  const errors = [
    { message: 'a', stack: `Error: a\n    at x (${path}:3:1)` },
    { message: 'b', stack: 'Error: b', location: { file: path, line: 3, column: 1 } },
    { message: 'c', cause: { message: 'd', stack: `Error: d\n    at ${path}:3:1` } },
  ];
  const out = relative(join(home, 'x/y'), path);
  const lines = [
    begin('t1', 'r1'),
    step('t1', 'r1', { file: 'a\n/../../secret.js', line: 3, column: 1 }),
    ended('r1.0', [0, 7, -1]),
    step('t1', 'r1', { ...location(specFile), column: 1e9 }),
    ended('nobody', []),
    ...['../../../secret.js', out, path].map((one) => ({
      method: 'onAttach',
      params: { ...of, attachments: [{ ...attachment, path: one }] },
    })),
    { method: 'onError', params: { error: errors[0] } },
    { method: 'onConfigure', params: { config: null } },
    { method: 'constructor', params: {} },
    end('t1', 'r1', { status: 'failed', errors, attachments: [{ ...attachment, path }] }),
    begin('t1', 'r2'),
    step('t1', 'r2', location(specFile)),
    { method: 'onStepEnd', params: { testId: 't1', resultId: 'r2', step: { id: 'r2.0', attachments: [0] } } },
  ];
  const other = 'tests/b.spec.ts';
  const blobs = {
    [specFile]: blob(['t1'], lines),
    [other]: blob(['t2'], [begin('t2', 'r9'), end('t2', 'r9')], other),
  };
  const { shown, written, files } = await merge(blobs, root);
  expect(written.lacking).toEqual([]);
  expect(JSON.stringify(shown)).not.toContain(secret);
  expect(files).toEqual(['index.html']);
  expect(shown[specFile]?.tests).toMatchObject([{ title: 't1', outcome: 'unexpected', results: [{}, {}] }]);
  expect(shown[other]?.tests).toMatchObject([{ title: 't2', outcome: 'expected' }]);
});
