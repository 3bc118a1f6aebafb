import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeFolder, runCli, startCli, startLine } from '../support/processes.ts';
import { projectRoot } from '../support/sources.ts';

const script = join(projectRoot, 'examples/migrate/drain-redis-list.mjs');
const linesOf = (text: string): string[] => text.trimEnd().split('\n');

/** What the page has a script send while both queues run, and its key. */
function pageSubmit(): { key: string; body: Record<string, unknown> } {
  const page = readFileSync(join(projectRoot, 'docs/migrating-from-redis.md'), 'utf8');
  const [, key = '', body = ''] = page.match(/Idempotency-Key: (\S+?)\$JOB_ID" \\\n\s+-d '(\{.*\})'/) ?? [];
  return { key, body: JSON.parse(body) };
}

const queued = [
  '{"job_id":"4711","org_id":"acme","app_version_id":"v1","test_path":"tests/a.spec.js","target":"emulator","priority":8}',
  '{"org_id":"acme","app_version_id":"v1","test_path":"tests/b.spec.js"}',
];

async function startQueueLab(lines: readonly string[]) {
  const cwd = makeFolder({ 'jobs.jsonl': `${lines.join('\n')}\n` });
  const server = startCli(['server', '--port=0'], { cwd });
  const [, url = ''] = await server.sees(/^qgjob server listening on (http:\S+)$/m);
  const token = readFileSync(join(cwd, '.qgjob/admin.token'), 'utf8').trim();
  const env = { QGJOB_SERVER_URL: url, QGJOB_TOKEN: token };
  const drain = (words = 'jobs.jsonl') =>
    startLine(`'${process.execPath}' '${script}' ${words}`, { cwd, env }).ended;
  const submit = (key: string, body: unknown) =>
    fetch(`${url}/v1/jobs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'idempotency-key': key },
      body: JSON.stringify(body),
    });
  const list = async () => {
    const { stdout } = await runCli(['list', '--json'], { cwd });
    return JSON.parse(stdout) as { job_id: string; test_path: string; priority: number }[];
  };
  return { drain, list, submit };
}

test('the jobs of a Redis list are submitted once, however often the list is read', async () => {
  const { drain, list } = await startQueueLab(queued);
  const dry = await drain('--dry-run jobs.jsonl');
  expect(await drain('jobs.jsonl --dry-run')).toEqual(dry);
  expect(dry).toMatchObject({ code: 0, stdout: expect.stringMatching(/^redis-4711 {2}\{"org_id":"acme"/) });
  expect(await list()).toEqual([]);

  const first = await drain();
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(linesOf(first.stdout)).toEqual([
    expect.stringMatching(/^job_\w+ {2}redis-4711 {2}submitted$/),
    expect.stringMatching(/^job_\w+ {2}redis-[0-9a-f]{64} {2}submitted$/),
  ]);
  const again = await drain();
  expect(again).toMatchObject({
    code: 0,
    stdout: first.stdout.replaceAll('submitted', 'was there already'),
  });
  expect((await list()).map(({ test_path: path, priority }) => [path, priority]).sort()).toEqual([
    ['tests/a.spec.js', 8],
    ['tests/b.spec.js', 5],
  ]);
});

test('a job that is refused is named by its line, and the others are submitted', async () => {
  const { drain, list } = await startQueueLab(['{', '{"org_id":"acme","test_path":"x.js"}', ...queued]);
  expect(await drain()).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^line 1: is no JSON\nline 2: app_version_id/),
  });
  expect(await list()).toHaveLength(2);
});

test('a job that was submitted as the page says is the same one when the list is read', async () => {
  const { key, body } = pageSubmit();
  const { drain, list, submit } = await startQueueLab([
    JSON.stringify({ job_id: '1', ...body }),
    JSON.stringify({ job_id: '2', ...body, priority: 1 }),
  ]);
  for (const id of ['1', '2']) expect((await submit(`${key}${id}`, body)).status).toBe(201);
  expect(await drain()).toEqual({
    code: 0,
    stdout: expect.stringMatching(
      /^job_\w+ {2}redis-1 {2}was there already\n- {2}redis-2 {2}was there already, with another body\n$/,
    ),
    stderr: 'there already, with another body than in the file: 1; they stay as they were submitted\n',
  });
  expect((await list()).map(({ priority }) => priority)).toEqual([body.priority, body.priority]);
});

test('a server that asks by a date to wait is asked again after that date', async () => {
  const cwd = makeFolder({ 'jobs.jsonl': `${queued.join('\n')}\n` });
  // A date has whole seconds.
  const until = Math.ceil(Date.now() / 1000) * 1000 + 2000;
  let tooEarly = 0;
  const server = createServer((_, response) => {
    // A timer may be a millisecond early.
    if (Date.now() >= until - 5) return response.writeHead(201).end('{"job_id":"job_1"}');
    tooEarly += 1;
    return response.writeHead(503, { 'retry-after': new Date(until).toUTCString() }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const env = { QGJOB_SERVER_URL: `http://127.0.0.1:${port}`, QGJOB_TOKEN: 'token' };
  const { code } = await startLine(`'${process.execPath}' '${script}' jobs.jsonl`, { cwd, env }).ended;
  expect({ code, tooEarly }).toEqual({ code: 0, tooEarly: 1 });
});
