import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createAgentClient } from '../../client/agent-client.ts';
import { type Answer, error, serve } from '../../client/test-support/serve.ts';
import type { LiveLease } from '../loops/lease-book.ts';
import { makeWorkspace } from '../test-support/host.ts';
import { downloadFile } from './download-file.ts';

const text = 'the build of an app';
const sha256 = createHash('sha256').update(text).digest('hex');
const never = new AbortController().signal;

const head = { etag: `"${sha256}"`, 'content-length': String(text.length) };
const whole: Answer = (response) => response.writeHead(200, head).end(text);
/** The connection breaks after a half. */
const half: Answer = (response) => {
  response.writeHead(200, head);
  response.write(text.slice(0, 9), () => response.destroy());
};

async function download(...answers: Answer[]) {
  const path = join(makeWorkspace(), 'build');
  const { url, seen } = await serve(...answers);
  const live = { id: 'lse_1', client: createAgentClient({ url, token: 'a' }) } as LiveLease;
  const got = await downloadFile(live, 'getLeaseApp', sha256, path, never);
  return { got, seen, text: readFileSync(path, 'utf8') };
}

test('a download that is cut in the middle is begun anew, and nothing of the first try is left', async () => {
  const { got, seen, text: written } = await download(half, half, whole);
  expect([got, written, seen.length]).toEqual([sha256, text, 3]);
});

test('what the server refuses is not asked for again', async () => {
  await expect(download(error(404, 'not_found'), whole)).rejects.toMatchObject({ code: 'not_found' });
});
