import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeJob } from '../../cli/test-support/answers.ts';
import type { Artifact } from '../../protocol/shapes/artifact.ts';
import { tempFolder } from '../../test/support/queue.ts';
import { createClient } from '../index.ts';
import { type Answer, error, foreign, hangUp, serve } from '../test-support/serve.ts';
import { downloadArtifacts } from './download-artifacts.ts';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

const artifact = (name: string, text: string, more: Partial<Artifact> = {}): Artifact => ({
  ...{ artifact_id: 'art_1', job_id: 'job_12345678', attempt: 1, name, kind: 'other' },
  ...{ content_type: 'text/plain', size: text.length, sha256: digest(text), url: 'http://x/' },
  ...more,
});

/** An answer with these bytes; their hash is the ETag, unless another one is given. */
const bytes =
  (text: string, hash = digest(text)): Answer =>
  (response) =>
    void response.writeHead(200, { etag: `"${hash}"`, 'content-type': 'application/octet-stream' }).end(text);

/** Breaks off in the middle. */
const cut =
  (text: string): Answer =>
  (response, request) => {
    response.writeHead(200, { etag: `"${digest(text)}"`, 'content-length': String(text.length) });
    response.write(text.slice(0, 2), () => request.socket.destroy());
  };

// A server may answer with any path.
const job = { ...makeJob({ job_id: 'job_12345678' }), test_path: 'tests/../login page.spec.ts' };
const folderOfJob = 'tests_login_page_spec_ts-12345678';

/** Downloads into a folder inside of an otherwise empty one; answers all files that are there afterwards. */
async function download(artifacts: readonly Artifact[], ...answers: Answer[]) {
  const outer = tempFolder();
  const { url, seen } = await serve(...answers);
  const folder = join(outer, 'evidence');
  const client = createClient({ url }, { forMs: 0 });
  const again = () => downloadArtifacts(client, [{ job, artifacts }], { folder });
  const files = (): string[] =>
    readdirSync(outer, { recursive: true, withFileTypes: true })
      .filter((one) => !one.isDirectory())
      .map((one) => join(one.parentPath, one.name).slice(outer.length + 1));
  return { outer, folder, seen, again, files };
}

test('an artifact becomes a file in a folder of its test and its attempt', async () => {
  const made = artifact('shots/1 ü.png', 'picture', { attempt: 2 });
  const { outer, again, files } = await download([made], bytes('picture'));
  const [done] = await again();
  const path = join('evidence', folderOfJob, 'attempt-2/shots/1 ü.png');
  expect(done).toEqual({ artifact: made, path: join(outer, path) });
  expect(files()).toEqual([path]);
  expect(readFileSync(join(outer, path), 'utf8')).toBe('picture');
});

test('what is there already with the same bytes is not fetched again; what differs is', async () => {
  const { again, seen } = await download([artifact('a.txt', 'one')], bytes('one'));
  const [first] = await again();
  expect((await again())[0]).toMatchObject({ path: first?.path, wasThere: true });
  expect(seen).toHaveLength(1);
  writeFileSync(first?.path ?? '', 'two');
  expect((await again())[0]).not.toHaveProperty('wasThere');
  expect(readFileSync(first?.path ?? '', 'utf8')).toBe('one');
});

test.each([
  '../../up.txt',
  '/etc/passwd',
  'a/../../b',
  'a\\..\\b',
  'C:evil',
  'nul.txt',
  'a\u0000b',
  '',
  '..',
  'x/',
])('an artifact called %j is not written, and the next one is', async (name) => {
  const all = [artifact(name, 'bad'), artifact('good.txt', 'good')];
  const { again, files, seen } = await download(all, bytes('good'));
  const [bad, good] = await again();
  expect(bad).toMatchObject({ error: 'its name is not one that a file may have here' });
  expect(good).toHaveProperty('path');
  expect(files()).toEqual([join('evidence', folderOfJob, 'attempt-1/good.txt')]);
  expect(seen).toHaveLength(1);
});

test('two names that are one on some disks are never the same file', async () => {
  const all = [artifact('a.txt', 'one'), artifact('A.txt', 'two')];
  const { again, files } = await download(all, bytes('one'));
  expect((await again())[1]).toMatchObject({ error: expect.stringContaining('name') });
  expect(files()).toHaveLength(1);
});

test.each([
  ['other bytes than those of the hash', bytes('evil', digest('good')), 'other bytes came'],
  ['too many bytes', bytes('good and more', digest('good')), 'other bytes came'],
  // These two are tried again.
  ['another file', bytes('evil'), 'no'],
  ['a page of a proxy', foreign(200, '<title>Sign in</title>'), 'no'],
  ['a refusal', error(404, 'not_found'), 'no'],
])('%s leave no file', async (_what, answer, words) => {
  const { again, files } = await download([artifact('a.txt', 'good')], answer, error(404, 'not_found'));
  const [done] = await again();
  expect(done?.path).toBeUndefined();
  expect(done?.error).toContain(words);
  expect(files()).toEqual([]);
});

test('a download that is cut begins anew', async () => {
  const { again, files, seen } = await download(
    [artifact('a.txt', 'good')],
    hangUp,
    cut('good'),
    bytes('good'),
  );
  expect((await again())[0]).toHaveProperty('path');
  expect(files()).toHaveLength(1);
  expect(seen).toHaveLength(3);
});

test('a link that lies in the folder leads no file out of it', async () => {
  const all = [artifact('a.txt', 'one'), artifact('b/c.txt', 'one')];
  const { again, folder, outer } = await download(all, bytes('one'));
  const own = join(folder, folderOfJob, 'attempt-1');
  mkdirSync(own, { recursive: true });
  mkdirSync(join(outer, 'victim'));
  writeFileSync(join(outer, 'victim.txt'), 'precious');
  symlinkSync(join(outer, 'victim.txt'), join(own, 'a.txt'));
  symlinkSync(join(outer, 'victim'), join(own, 'b'));
  const [first, second] = await again();
  expect(first).toHaveProperty('path');
  expect(readFileSync(join(outer, 'victim.txt'), 'utf8')).toBe('precious');
  expect(second?.error).toMatch(/b is a link, which is not followed here$/);
  expect(readdirSync(join(outer, 'victim'))).toEqual([]);
});
