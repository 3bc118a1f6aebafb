import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createAgentClient } from '../client/agent-client.ts';
import type { BodyOf } from '../protocol/contracts.ts';
import { tempFolder } from '../test/support/queue.ts';
import { askRaw, newDataDir } from '../test/support/server.ts';

const cli = join(import.meta.dirname, '../build/cli/main.js');
const holdMs = 25_000;

interface Program {
  readonly child: ChildProcess;
  /** Its exit code and signal. */
  readonly ended: Promise<[code: number | null, signal: NodeJS.Signals | null]>;
  readonly errors: Promise<string>;
}

/** `qgjob server` as a process of its own; killed at the end of the test if it still runs. */
function startProgram(dataDir: string, flags: readonly string[] = []): Program {
  const argv = [cli, 'server', '--port', '0', '--data-dir', dataDir, '--log-level', 'warn', ...flags];
  const child = spawn(process.execPath, argv, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.once('exit', (...how) => resolve(how)),
  );
  return { child, ended, errors: text(child.stderr) };
}

async function urlOf({ child, errors }: Program): Promise<string> {
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const [, url] = /listening on (http:\S+)$/.exec(line) ?? [];
    if (url) return url;
  }
  throw new Error(`the server did not start: ${await errors}`);
}

const readToken = (dataDir: string): string => readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();

/** The long polls that agents and submitters have open most of the time, each with a token of its own. */
async function holdCalls(url: string, admin: string) {
  const operator = createAgentClient({ url, token: admin });
  const { run } = await operator.call('submitRun', {
    body: { org_id: 'acme', app_version_id: 'v1', tests: ['a'], target: 'device' },
  });
  const create = (body: BodyOf<'createToken'>) => operator.call('createToken', { body });
  const replace = (id: string) => operator.call('rotateToken', { params: { id }, body: {} });
  const reader = await create({ name: 'held', org_id: 'acme', scopes: ['read'] });
  const first = await create({ name: 'rack', shared: true, scopes: ['agent'] });
  const { agent_id: agentId, devices } = await operator.as(first.token).call('registerAgent', {
    body: { name: 'a', boot_id: 'boot-of-a', version: '1', devices: [{ name: 'd', target: 'emulator' }] },
  });
  // Those that replace each other speak for the same agent.
  const poller = await replace(first.token_id);
  const beater = await replace(poller.token_id);
  const body = { boot_id: 'boot-of-a', wait_ms: holdMs };
  const lease = { ...body, lease_id: 'lease-1-of-a', device_id: devices[0]?.device_id ?? '' };
  const calls = [
    askRaw(url, 'getRun', {
      token: reader.token,
      params: { id: run.run_id },
      query: { after_rev: run.rev, wait_ms: holdMs },
    }),
    askRaw(url, 'takeLease', { token: poller.token, body: lease }),
    askRaw(url, 'heartbeat', { token: beater.token, params: { id: agentId }, body: { ...body, leases: [] } }),
  ];
  // A token is marked as used once its first call has arrived.
  await vi.waitFor(
    async () => {
      const { tokens } = await operator.call('listTokens');
      const ids = [reader, poller, beater].map(({ token_id: id }) => id);
      const held = tokens.filter((one) => ids.includes(one.token_id));
      expect(held.map((one) => one.last_used_at !== null)).toEqual([true, true, true]);
    },
    { timeout: 30_000, interval: 5 },
  );
  return calls;
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s answers the long polls and ends with exit code 0',
  async (signal) => {
    const dataDir = newDataDir(tempFolder());
    const program = startProgram(dataDir);
    const url = await urlOf(program);
    const calls = await holdCalls(url, readToken(dataDir));
    program.child.kill(signal);
    const answers = await Promise.all(calls);
    expect(answers.map(({ status }) => status)).toEqual([200, 204, 200]);
    expect(await program.ended).toEqual([0, null]);
    expect(await program.errors).toBe('');
    expect(existsSync(join(dataDir, 'server.json'))).toBe(false);
    expect(existsSync(join(dataDir, 'qgjob.db.lock'))).toBe(false);
    // All data is in the one file: the write-ahead log was written back.
    expect(existsSync(join(dataDir, 'qgjob.db-wal'))).toBe(false);
  },
);

test('a second server on the same data folder says who has it and exits 4', async () => {
  const dataDir = newDataDir(tempFolder());
  const first = startProgram(dataDir);
  const url = await urlOf(first);
  const second = startProgram(dataDir);
  expect(await second.ended).toEqual([4, null]);
  const errors = await second.errors;
  expect(errors).toContain(
    `a server with pid ${first.child.pid} already runs on ${join(dataDir, 'qgjob.db')}`,
  );
  expect(errors.trim().split('\n')).toHaveLength(1);
  expect(await askRaw(url, 'health', {})).toMatchObject({ status: 200 });
});

test('a bad setting exits 2 with one line', async () => {
  const program = startProgram(newDataDir(tempFolder()), ['--max-retries', 'many']);
  expect(await program.ended).toEqual([2, null]);
  expect(await program.errors).toMatch(/^[^\n]*--max-retries=many: give a whole number from 0 to 20\n$/);
});

test('a port that no client could call is refused at the start with one line and exits 2', async () => {
  const program = startProgram(newDataDir(tempFolder()), ['--port', '6000']);
  expect(await program.ended).toEqual([2, null]);
  expect(await program.errors).toMatch(
    /^[^\n]*--port=6000: browsers and fetch refuse to call this port[^\n]*\n$/,
  );
});

test.each(['server.json and lock left behind', 'clean'])(
  'a damaged database exits 1 with one line (%s)',
  async (how) => {
    const dataDir = newDataDir(tempFolder());
    const first = startProgram(dataDir);
    await urlOf(first);
    first.child.kill(how === 'clean' ? 'SIGTERM' : 'SIGKILL');
    await first.ended;
    const file = join(dataDir, 'qgjob.db');
    const bytes = readFileSync(file);
    if (how === 'clean') bytes.fill(0, 0, 100);
    else
      for (let page = 1; page * 4096 < bytes.length; page += 1)
        bytes.fill(0xa5, page * 4096, page * 4096 + 64);
    writeFileSync(file, bytes);
    // Pages in the write-ahead log would hide the damaged ones.
    rmSync(`${file}-wal`, { force: true });
    const second = startProgram(dataDir);
    expect(await second.ended).toEqual([1, null]);
    expect(await second.errors).toMatch(
      /^qgjob: the database \S+qgjob\.db is damaged: [^\n]+; restore a backup of it\n$/,
    );
  },
);

test('a data folder is what it says: database, lock, logs and server.json lie in it and nowhere else', async () => {
  const parent = tempFolder();
  const dataDir = join(parent, 'a%20b #1?x');
  const program = startProgram(dataDir);
  const url = await urlOf(program);
  expect(readdirSync(parent)).toEqual(['a%20b #1?x']);
  expect(readdirSync(dataDir)).toEqual(
    expect.arrayContaining(['admin.token', 'qgjob.db', 'qgjob.db.lock', 'server.json']),
  );
  expect(JSON.parse(readFileSync(join(dataDir, 'server.json'), 'utf8'))).toMatchObject({ url });
  program.child.kill('SIGTERM');
  expect(await program.ended).toEqual([0, null]);
});
