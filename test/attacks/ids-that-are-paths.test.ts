import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startAgentProcess } from '../../agent/test-support/agent-process.ts';
import { leasedJob, leaseOf } from '../../agent/test-support/leases.ts';

/** What the hostile server answers: JSON, or any text. */
interface Reply {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Record<string, string>;
  /** No answer at all. */
  readonly never?: true;
}

interface Call {
  readonly path: string;
  readonly body: Record<string, unknown>;
}

type Answers = (call: Call) => Reply | undefined;

/** Answers with `answers`; all other calls like a good server without work. */
async function startServer(
  answers: Answers,
): Promise<{ url: string; calls: Call[]; until(met: () => boolean): Promise<void> }> {
  const calls: Call[] = [];
  const waiting = new Set<() => void>();
  const server = createServer(async (request, response) => {
    const call = await readCall(request);
    calls.push(call);
    for (const look of waiting) look();
    reply(response, answers(call) ?? good(call));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const until = (met: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!met()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls, until };
}

async function readCall(request: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const isJson = request.headers['content-type']?.startsWith('application/json');
  return { path: (request.url ?? '').split('?')[0] ?? '', body: isJson && text ? JSON.parse(text) : {} };
}

function reply(response: ServerResponse, { status = 200, json, text, headers, never }: Reply): void {
  if (never) return;
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(status === 204 ? undefined : (text ?? JSON.stringify(json)));
}

const registered = (body: Record<string, unknown>, more: object = {}): Reply => ({
  json: {
    agent_id: 'agt_1',
    devices: (body.devices as { name: string }[]).map(({ name }) => ({ device_id: `dev_${name}`, name })),
    lease_ttl_ms: 60_000,
    heartbeat_ms: 15_000,
    ...more,
  },
});
const isTake = (path: string): boolean => path === '/v1/leases';
const isHeartbeat = (path: string): boolean => path.endsWith('/heartbeat');
function good({ path, body }: Call): Reply {
  if (path === '/v1/agents') return registered(body);
  if (isHeartbeat(path)) return { json: { leases: [], drain: false } };
  if (path.endsWith('/logs')) return { json: { size: 0 } };
  if (path.endsWith('/start') || path.endsWith('/finish')) return { json: leasedJob('tests/a.sh') };
  return { status: 204 };
}
/** All paths in a folder with the texts of the files; links are read, not followed. */
function snapshot(folder: string, except: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }))
    .filter(({ path }) => path !== except && !path.startsWith(`${except}/`))
    .map(({ entry, path }) => {
      const name = relative(folder, path);
      if (entry.isSymbolicLink()) return `${name} -> ${readlinkSync(path)}`;
      return entry.isFile() ? `${name}: ${readFileSync(path, 'utf8')}` : name;
    })
    .sort();
}

interface HostileSetup {
  /** All of it is compared, except the agent's own folder. */
  readonly outer: string;
  readonly root: string;
  readonly victim: string;
  look(): string[];
}

/** An agent's folder beside others, three folders deep, so that `../..` leads to existing files. */
function makeSetup(count = 1): HostileSetup {
  const outer = realpathSync(mkdtempSync(join(tmpdir(), 'qgjob-hostile-')));
  onTestFinished(() => rmSync(outer, { recursive: true, force: true }));
  const root = join(outer, 'a/b/rack');
  const victim = join(outer, 'victim');
  for (const folder of [
    root,
    join(root, 'tests'),
    victim,
    join(outer, 'a/victim'),
    join(root, '.qgjob/agent'),
  ])
    mkdirSync(folder, { recursive: true });
  for (const file of [join(victim, 'keep.txt'), join(outer, 'a/victim/keep.txt'), join(outer, 'a/b/victim')])
    writeFileSync(file, 'x');
  writeFileSync(join(root, 'tests/a.sh'), 'echo ran');
  const settings = {
    devices: [{ driver: 'simulated', target: 'emulator', count }],
    frameworks: { default: 'command', command: { test: ['sh', '{test}'] } },
  };
  writeFileSync(join(root, 'qgjob.agent.json'), JSON.stringify(settings));
  return { outer, root, victim, look: () => snapshot(outer, join(root, '.qgjob/agent/rack-1')) };
}

const jobs = (...more: object[]): object[] => more.map((one) => leasedJob('tests/a.sh', one));
const lease = (more: object = {}) => leaseOf(['tests/a.sh'], more);
const echo =
  (make: (id: string, setup: HostileSetup) => object) =>
  (call: Call, setup: HostileSetup): Reply => {
    const id = String(call.body.lease_id);
    return { json: { ...lease(), lease_id: id, ...make(id, setup) } };
  };
const up = '../'.repeat(12);

const takes: [what: string, reply: (call: Call, setup: HostileSetup) => Reply][] = [
  [
    'a lease id that is a path',
    (_, { victim }) => ({ json: lease({ lease_id: `${up}${victim.slice(1)}` }) }),
  ],
  ['a lease id that leads up', () => ({ json: lease({ lease_id: '../../victim' }) })],
  ['a lease id of two points', () => ({ json: lease({ lease_id: '..' }) })],
  ['another lease id than asked', () => ({ json: lease({ lease_id: 'lse_12345678' }) })],
  [
    'a job id that is a path',
    echo((_, { victim }) => ({ jobs: jobs({ job_id: `${up}${victim.slice(1)}` }) })),
  ],
  ['a job id that is an absolute path', echo((_, { victim }) => ({ jobs: jobs({ job_id: victim }) }))],
  ['a job id with a NUL', echo(() => ({ jobs: jobs({ job_id: 'job_\u0000' }) }))],
  ['a job id with an escape', echo(() => ({ jobs: jobs({ job_id: 'job_\u001b[2J\n' }) }))],
  ['an empty job id', echo(() => ({ jobs: jobs({ job_id: '' }) }))],
  ['a job twice', echo(() => ({ jobs: jobs({}, {}) }))],
  ['no jobs', echo(() => ({ jobs: [] }))],
  [
    'a hundred thousand jobs',
    echo(() => ({ jobs: Array.from({ length: 100_000 }, (_, n) => ({ job_id: `job_${n}` })) })),
  ],
  ['jobs that are a word', echo(() => ({ jobs: 'many' }))],
  ['jobs that are null', echo(() => ({ jobs: [null] }))],
  ['a time of 0', echo(() => ({ jobs: jobs({ timeout_ms: 0 }) }))],
  ['a negative time', echo(() => ({ jobs: jobs({ timeout_ms: -1 }) }))],
  ['a time beyond all timers', echo(() => ({ jobs: jobs({ timeout_ms: 2 ** 40 }) }))],
  ['attempt 0', echo(() => ({ jobs: jobs({ next_attempt: 0 }) }))],
  ['attempt 10 to the 9', echo(() => ({ jobs: jobs({ next_attempt: 1e9 }) }))],
  ['a framework that nobody knows', echo(() => ({ framework: '../../sh' }))],
  ['an app address with a NUL', echo(() => ({ app: { platform: 'android', url: 'http://x/\u0000' } }))],
  [
    'a test path of a megabyte',
    echo(() => ({ jobs: [leasedJob('a'.repeat(1_000_000), { job_id: 'job_1' })] })),
  ],
  ['a number', () => ({ json: 7 })],
  ['null', () => ({ json: null })],
  ['a list', () => ({ json: [] })],
  [
    'HTML',
    () => ({
      text: '<html><body>Welcome\u001b]0;x\u0007</body></html>',
      headers: { 'content-type': 'text/html' },
    }),
  ],
  ['half of a JSON', () => ({ text: '{"lease_id": "lse_' })],
  ['an error that is none', () => ({ status: 500, text: '\u001b[2J'.repeat(10_000) })],
  [
    'an error to wait for a thousand years',
    () => ({ status: 503, text: '{}', headers: { 'retry-after': '99999999999' } }),
  ],
  [
    'a lease that blocks, whose id is a path',
    () => ({
      status: 409,
      json: { error: { code: 'conflict', message: 'x\ny', details: { lease_id: '../../agents' } } },
    }),
  ],
];

// A stack, a TypeError, or a character that is not printable.
const badWords = /\n\s+at |TypeError|[^\n -~…]/;
const linesOf = (said: string): string[] => said.trim().split('\n');

test('a bad answer instead of a lease changes nothing on disk, prints few lines, and every device requests again', async () => {
  const setup = makeSetup(takes.length);
  const before = setup.look();
  const requests = new Map<string, number>();
  const server = await startServer((call) => {
    if (!isTake(call.path)) return undefined;
    const device = String(call.body.device_id);
    const times = (requests.get(device) ?? 0) + 1;
    requests.set(device, times);
    const make = takes[Number(device.split('-').at(-1)) - 1]?.[1];
    return times === 1 ? make?.(call, setup) : { never: true };
  });
  const agent = startAgentProcess(setup.root, { serverUrl: server.url });
  // One device got a `retry-after` of a thousand years and still waits.
  await server.until(() => [...requests.values()].filter((times) => times > 1).length >= takes.length - 1);
  expect(Math.max(...requests.values())).toBe(2);
  agent.signal('SIGTERM');
  expect(await agent.ended).toBe(0);
  expect(agent.said()).not.toMatch(badWords);
  const lines = linesOf(agent.said()).filter((line) => line.endsWith('(trying again)'));
  // One outage prints only a few lines.
  expect(lines.length).toBeLessThanOrEqual(8);
  expect(lines.length).toBeGreaterThan(0);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(2100);
  const strange = /^\/v1\/(?:agents(?:\/agt_1\/heartbeat)?|leases(?:\/lse_[\w-]+\/release)?)$/;
  expect(server.calls.map(({ path }) => path).filter((path) => !strange.test(path))).toEqual([]);
  expect(setup.look()).toEqual(before);
  expect(existsSync(join(setup.root, '.qgjob/agent/rack-1', String(agent.pid)))).toBe(false);
});

const registrations: [what: string, reply: (body: Record<string, unknown>) => Reply][] = [
  ['an agent id that is a path', (body) => registered(body, { agent_id: '..' })],
  ['a lease time of 0', (body) => registered(body, { lease_ttl_ms: 0 })],
  ['no devices', (body) => registered(body, { devices: [] })],
];
test('a registration with a bad answer is repeated later', async () => {
  const setup = makeSetup();
  const before = setup.look();
  const replies = registrations.map(([, make]) => make);
  const server = await startServer(({ path, body }) =>
    path === '/v1/agents' ? replies.shift()?.(body) : undefined,
  );
  const agent = startAgentProcess(setup.root, { serverUrl: server.url });
  await agent.says('agent rack-1 serves');
  expect(server.calls.filter(({ path }) => path === '/v1/agents')).toHaveLength(registrations.length + 1);
  expect(agent.said()).not.toMatch(badWords);
  expect(linesOf(agent.said()).filter((line) => /answer makes no sense/.test(line))).toHaveLength(3);
  agent.signal('SIGTERM');
  expect(await agent.ended).toBe(0);
  expect(setup.look()).toEqual(before);
});

const paths = [
  `${up}etc/hostname`,
  '/etc/hostname',
  'tests/\u0000',
  'tests/a.sh\n\u001b[2J',
  'link/keep.txt',
  'C:/x',
  '-rf',
];

test('only tests of the workspace run, and no bad answer about them harms the agent', async () => {
  const setup = makeSetup();
  symlinkSync(setup.victim, join(setup.root, 'link'));
  const before = setup.look();
  const all = [...paths, 'tests/a.sh'].map((path, n) => leasedJob(path, { job_id: `job_${n}` }));
  const started: string[] = [];
  const finished = new Map<string, Record<string, unknown>>();
  let leases = 0;
  const sizes = [-1, 1e300, 'x', 3, 2, 3, 2];
  const server = await startServer((call) => {
    const job = /jobs\/(.*)\/(start|finish)$/.exec(call.path);
    if (job?.[2] === 'start') started.push(job[1] ?? '');
    if (job?.[2] === 'finish') finished.set(job[1] ?? '', call.body);
    if (call.path.endsWith('/logs')) return { json: { size: sizes[started.length % sizes.length] } };
    if (isHeartbeat(call.path)) return { json: { leases: manyCancels, drain: false } };
    if (!isTake(call.path)) return undefined;
    leases += 1;
    return leases === 1 ? { json: { ...lease(), lease_id: call.body.lease_id, jobs: all } } : { never: true };
  });
  const agent = startAgentProcess(setup.root, { serverUrl: server.url });
  await server.until(() => leases === 2);
  agent.signal('SIGTERM');
  expect(await agent.ended).toBe(0);
  expect(started).toEqual([`job_${paths.length}`]);
  expect(finished.get(`job_${paths.length}`)).toMatchObject({ verdict: 'passed' });
  const refused = paths.map((_, n) => finished.get(`job_${n}`)?.error_class);
  expect(refused).toEqual(paths.map(() => 'rejected'));
  expect(agent.said()).not.toMatch(badWords);
  expect(setup.look()).toEqual(before);
});

/** Cancels of leases and jobs that this agent does not have. */
const manyCancels = Array.from({ length: 1000 }, (_, n) => ({
  lease_id: `lse_${n}-and-more`,
  status: n % 2 ? 'lost' : 'active',
  expires_at: null,
  cancel: Array.from({ length: 20 }, (_, m) => `job_${m}`),
}));
