import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { makeCounts, makeJob, makeRun } from '../../cli/test-support/answers.ts';
import { runMain } from '../support/action-harness.ts';
import { makeFolder, runCli } from '../support/processes.ts';

/** A server that answers every submit with this, and keeps the bodies. */
async function startServer(
  status: number,
  body: object,
): Promise<{ url: string; bodies: Record<string, unknown>[] }> {
  const bodies: Record<string, unknown>[] = [];
  const server = createServer((incoming, outgoing) => {
    let text = '';
    incoming.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    incoming.on('end', () => {
      bodies.push(JSON.parse(text));
      outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
}

const refused = {
  error: {
    code: 'no_device',
    message: 'no device has ever offered device/pixel-9',
    details: { target: 'device/pixel-9', near: ['device/pixel-8', 'device/pixel-7'] },
    request_id: 'req_1',
  },
};
const open = makeRun({
  ...{ status: 'queued', conclusion: null, finished_at: null, counts: makeCounts({ queued: 1 }) },
});
const taken = {
  run: open,
  jobs: [makeJob({ status: 'queued', outcome: null, finished_at: null })],
  warnings: ['no device offers device yet\nand so on'],
};

const cli = (url: string, cwd: string, ...more: string[]) =>
  runCli(
    [
      ...['submit', '--app-version-id=v1', '--test=a.sh', '--target=device/pixel-9'],
      '--source=workspace',
      ...more,
    ],
    { cwd, env: { QGJOB_SERVER_URL: url, QGJOB_TOKEN: 'qgj_token' } },
  );
const step = (url: string, workspace: string, more: Record<string, string> = {}) =>
  runMain({
    workspace,
    inputs: {
      'server-url': url,
      token: 'qgj_token',
      tests: 'a.sh',
      target: 'device/pixel-9',
      wait: 'false',
      source: 'workspace',
      ...more,
    },
  });

test('a pool without a device is refused, with similar pools and the flag to queue it anyway', async () => {
  const { url } = await startServer(400, refused);
  const cwd = makeFolder({ 'a.sh': '' });
  const ended = await cli(url, cwd);
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toMatch(
    /^qgjob: .*device\/pixel-9; near it are device\/pixel-8, device\/pixel-7; .*: --allow-no-device( \(request \S+\))?\n$/,
  );
  const result = await step(url, cwd);
  expect(result).toMatchObject({ code: 1, outputs: { status: 'errored', conclusion: 'failure' } });
  expect(result.log).toMatch(
    /::error::.*near it are device\/pixel-8, device\/pixel-7; .*: allow-no-device: true\n/,
  );
});

test('the flag to queue anyway is sent to the server, and its warnings are printed', async () => {
  const { url, bodies } = await startServer(201, taken);
  const cwd = makeFolder({ 'a.sh': '' });
  const ended = await cli(url, cwd, '--allow-no-device');
  expect(ended).toMatchObject({ code: 0, stdout: 'run_1\njob_1\n' });
  expect(ended.stderr).toBe('warning: no device offers device yet and so on\n');
  const result = await step(url, cwd, { 'allow-no-device': 'true' });
  expect(result.code).toBe(0);
  expect(result.log).toContain('::warning::no device offers device yet and so on\n');
  expect(bodies.map((body) => body.allow_no_device)).toEqual([true, true]);
  await cli(url, cwd);
  await step(url, cwd);
  expect(bodies.slice(2).map((body) => 'allow_no_device' in body)).toEqual([false, false]);
});
