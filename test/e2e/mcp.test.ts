import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, onTestFinished, test } from 'vitest';
import { builtCli, programEnv } from '../support/built-cli.ts';
import { type Lab, startLab } from '../support/processes.ts';

/** A client of the protocol's own SDK, connected to the built `qgjob mcp` in a folder. */
async function connectTo({ cwd }: Pick<Lab, 'cwd'>, ...flags: string[]) {
  const transport = new StdioClientTransport({
    ...{ command: process.execPath, args: [builtCli, 'mcp', ...flags], cwd },
    ...{ env: programEnv(cwd, {}) as Record<string, string>, stderr: 'ignore' as const },
  });
  const client = new Client({ name: 'an agent', version: '1' });
  await client.connect(transport);
  onTestFinished(() => client.close());
  const call = async (name: string, input: Record<string, unknown> = {}) => {
    const { content, isError = false } = await client.callTool({ name, arguments: input });
    const [first] = content as { type: string; text?: string }[];
    return { isError, text: first?.text ?? '' };
  };
  const read = async (name: string, input?: Record<string, unknown>) =>
    JSON.parse((await call(name, input)).text);
  return { client, call, read };
}

const files = {
  'tests/good.sh': 'echo fine',
  'tests/bad.sh': 'echo "expected 2, got 3"; exit 1',
};

test('an agent submits tests, waits, and learns what failed and what it printed', async () => {
  const lab = await startLab(files);
  const { read, call } = await connectTo(lab, '--org-id=acme');
  const { run_id, jobs } = await read('submit_tests', { tests: ['tests/*.sh'], app_version_id: 'v1' });
  expect(jobs).toBe(2);
  const ended = await read('wait_for_run', { run_id, seconds: 60 });
  expect(ended).toMatchObject({ status: 'failed', conclusion: 'failure', next: 'explain_run' });
  const { failures } = await read('explain_run', { run_id });
  expect(failures).toMatchObject([{ test_path: 'tests/bad.sh', device: expect.stringMatching(/^rack\//) }]);
  expect((await call('read_log', { job_id: failures[0].job_id, lines: 5 })).text).toContain(
    'expected 2, got 3',
  );
  expect(await read('why_job', { job_id: failures[0].job_id })).toMatchObject({ status: 'failed' });
  expect(await read('list_runs', { status: 'failed' })).toMatchObject([{ run_id, counts: { failed: 1 } }]);
  const { devices, left_out } = await read('list_devices', { target: 'emulator' });
  expect([devices.length, left_out]).toEqual([2, 0]);
});

test('what cannot be done is told in words, and the next call works', async () => {
  const lab = await startLab(files);
  const { call, read } = await connectTo(lab, '--org-id=acme');
  const cases: [string, Record<string, unknown>, RegExp][] = [
    ['explain_run', { run_id: `run_${'0'.repeat(32)}` }, /no run run_0+/],
    ['explain_run', { run_id: 'job_1' }, /begins with run_/],
    ['submit_tests', { tests: ['tests/none.sh'], app_version_id: 'v1' }, /not on this disk: tests\/none\.sh/],
    ['submit_tests', { tests: ['tests/*.sh'], app_version_id: 'v1', target: 'fridge' }, /fridge/],
    [
      'submit_tests',
      { tests: ['tests/*.sh'], app_version_id: 'v1', target: 'device/pixel-77' },
      /device\/pixel-77/,
    ],
  ];
  for (const [name, input, words] of cases) {
    expect(await call(name, input)).toEqual({ isError: true, text: expect.stringMatching(words) });
  }
  expect(await read('list_runs')).toEqual([]);
});

test('an agent borrows a device, and gives it back', async () => {
  const lab = await startLab({});
  expect(await lab.run('orgs', 'create', 'acme')).toMatchObject({ code: 0 });
  const { read, call } = await connectTo(lab, '--org-id=acme');
  expect(await call('borrow_device', { minutes: 5 })).toMatchObject({ isError: true });
  const asked = await read('borrow_device', { target: 'emulator', minutes: 5, note: 'looking at a failure' });
  const held = await read('wait_for_borrow', { borrow_id: asked.borrow_id });
  expect(held).toMatchObject({ status: 'active', device: { agent: 'rack' } });
  const { devices } = await read('list_devices', { target: 'emulator' });
  expect(devices.map(({ status }: { status: string }) => status).sort()).toEqual(['borrowed', 'idle']);
  expect(await read('return_device', { borrow_id: asked.borrow_id })).toMatchObject({ status: 'ended' });
});

test('read-only, it offers nothing that changes anything', async () => {
  const lab = await startLab({});
  const { client } = await connectTo(lab, '--read-only');
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).not.toContain('submit_tests');
  expect(tools.map(({ annotations }) => annotations?.readOnlyHint)).toEqual(tools.map(() => true));
});
