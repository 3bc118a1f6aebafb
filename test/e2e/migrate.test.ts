import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder, runCli, startCli, startLine } from '../support/processes.ts';
import { projectRoot } from '../support/sources.ts';

const script = join(projectRoot, 'examples/migrate/drain-redis-list.mjs');
const linesOf = (text: string): string[] => text.trimEnd().split('\n');

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
  const drain = (words = '') =>
    startLine(`'${process.execPath}' '${script}' jobs.jsonl ${words}`, { cwd, env }).ended;
  const list = async () => {
    const { stdout } = await runCli(['list', '--json'], { cwd });
    return JSON.parse(stdout) as { job_id: string; test_path: string; priority: number }[];
  };
  return { drain, list };
}

test('the jobs of a Redis list are submitted once, however often the list is read', async () => {
  const { drain, list } = await startQueueLab(queued);
  const dry = await drain('--dry-run');
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
