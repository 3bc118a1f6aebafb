import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Import, projectRoot, readSources, type SourceFile } from './support/sources.ts';

const queueRooms = [
  'store',
  'attempts',
  'leases',
  'fleet',
  'submit',
  'orgs',
  'dispatch',
  'runs',
  'retention',
  'outbox',
  'figures',
  'explain',
  'ledger',
  'borrows',
  'hunts',
  'audit',
].map((name) => `server/queue/${name}`);
/** What a room of the queue may import: shared modules and the rooms named here. */
const queueRoom = (...below: string[]): readonly string[] => [
  'protocol',
  'server/db',
  'server/scheduling',
  ...['store', ...below].map((name) => `server/queue/${name}`),
];

/** Each room and the other rooms that it may import. A file belongs to the room with the longest matching name. */
const rooms: Record<string, readonly string[]> = {
  protocol: [],
  host: [],
  tracing: [],
  report: ['protocol'],
  client: ['protocol'],
  action: ['protocol', 'report', 'client', 'tracing'],
  cli: ['protocol', 'report', 'client', 'tracing'],
  agent: ['protocol', 'client', 'host', 'tracing'],
  'server/scheduling': ['protocol'],
  'server/db': ['protocol', 'host'],
  'server/queue/store': ['protocol', 'server/db'],
  'server/queue/attempts': queueRoom(),
  'server/queue/leases': queueRoom('attempts'),
  'server/queue/fleet': queueRoom('leases', 'attempts'),
  'server/queue/submit': queueRoom('fleet'),
  'server/queue/orgs': queueRoom('fleet', 'leases'),
  'server/queue/borrows': queueRoom('fleet'),
  'server/queue/dispatch': queueRoom('fleet', 'leases', 'borrows'),
  'server/queue/runs': queueRoom('submit', 'dispatch', 'fleet'),
  'server/queue/retention': queueRoom(),
  'server/queue/outbox': queueRoom('attempts', 'runs', 'ledger'),
  'server/queue/figures': queueRoom('fleet', 'dispatch'),
  'server/queue/explain': queueRoom('attempts', 'runs', 'outbox'),
  'server/queue/ledger': queueRoom(),
  'server/queue/audit': queueRoom(),
  'server/queue/hunts': queueRoom('submit', 'fleet', 'ledger'),
  // The wiring of the queue.
  'server/queue': ['server/db', 'server/queue/store', 'server/queue/leases', 'server/queue/runs'],
  'server/blobs': ['protocol', 'host'],
  'server/auth': ['protocol'],
  // By another process, or without a server: not by what answers calls.
  'server/doctor': ['protocol', 'host', 'server/db'],
  'server/backup': ['protocol', 'host', 'server/db', 'server/blobs'],
  // Calls that the server makes itself.
  'server/outbound': ['protocol'],
  'server/github': ['protocol', 'report'],
  'server/background': [
    'protocol',
    'report',
    ...queueRooms,
    'server/blobs',
    'server/outbound',
    'server/github',
  ],
  'server/gate': ['protocol', 'server/outbound'],
  'server/calls': ['protocol', 'server/auth', 'server/gate', 'server/queue/store'],
  'server/http': [
    'protocol',
    ...queueRooms,
    'server/blobs',
    'server/auth',
    'server/outbound',
    'server/gate',
    'server/calls',
  ],
  'server/web': [
    'protocol',
    'report',
    ...queueRooms,
    'server/blobs',
    'server/auth',
    'server/gate',
    'server/calls',
  ],
  'server/metrics': ['protocol', 'server/db', 'server/queue/figures', 'server/queue/store'],
  // The wiring: config, start, app, main.
  server: [
    'protocol',
    'host',
    'tracing',
    'server/db',
    'server/queue',
    ...queueRooms,
    'server/background',
    'server/backup',
    'server/doctor',
    'server/gate',
    'server/calls',
    'server/http',
    'server/web',
    'server/blobs',
    'server/auth',
    'server/outbound',
    'server/github',
    'server/metrics',
  ],
};

/** The files that may import a package. Packages that are not listed may be imported anywhere but in protocol. */
const packages: Record<string, RegExp> = {
  'drizzle-orm': /^server\/db\/drizzle\.ts$/,
  '@libsql/client': /^server\/(db|queue)\//,
  hono: /^server\/(calls\/|http\/|web\/|app\.ts$)/,
  '@hono/node-server': /^server\/listen\.ts$/,
  pino: /^server\//,
  '@prometheus-io/client': /^server\/metrics\/registry\.ts$/,
  jose: /^server\/(auth|github)\//,
  commander: /^cli\//,
  '@modelcontextprotocol/server': /^cli\/mcp\//,
  '@actions/core': /^action\//,
  '@actions/github': /^action\//,
};

/** Commands that load the server or the agent, only when they run it. */
const lazyImporters =
  /^cli\/(commands\/(dev|server|agent|init|doctor|restore|repro)|repro\/[a-z-]+|backup\/open-source|tokens\/define-recover)\.ts$/;
const lazyTargets =
  /^(server\/(main|start|config|offline-[a-z]+|recover-token|doctor-folder)|agent\/(main|init\/init-agent|doctor\/examine-host|repro\/repro))\.ts$/;

const sources = readSources([
  'action',
  'agent',
  'cli',
  'client',
  'host',
  'protocol',
  'report',
  'server',
  'tracing',
]);
const roomOf = (path: string): string =>
  Object.keys(rooms)
    .filter((room) => path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0] ?? '';

function isAllowed(file: SourceFile, one: Import): boolean {
  if (one.isPackage) {
    if (roomOf(file.path) === 'protocol') return one.target === 'zod';
    return one.target.startsWith('node:') || (packages[one.target]?.test(file.path) ?? true);
  }
  const from = roomOf(file.path);
  const to = roomOf(one.target);
  if (from === to || (to !== '' && rooms[from]?.includes(to))) return true;
  const isLazyImport = lazyImporters.test(file.path) && lazyTargets.test(one.target);
  return isLazyImport && (one.isLazy || one.isType);
}

const filesWith = (rule: RegExp, allowed: RegExp): string[] =>
  sources.filter(({ path, text }) => rule.test(text) && !allowed.test(path)).map(({ path }) => path);

describe('the architecture', () => {
  test('every source belongs to a room', () => {
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.filter(({ path }) => roomOf(path) === '')).toEqual([]);
  });

  test('rooms import only the rooms and packages that they may', () => {
    const bad = sources.flatMap((file) =>
      file.imports.filter((one) => !isAllowed(file, one)).map((one) => `${file.path} imports ${one.target}`),
    );
    expect(bad).toEqual([]);
  });

  test('other rooms import a room of the queue only by its index; the store by its files', () => {
    const isInside = ({ path }: SourceFile, { target }: Import) =>
      queueRooms.includes(roomOf(target)) &&
      roomOf(target) !== roomOf(path) &&
      roomOf(target) !== 'server/queue/store' &&
      !target.endsWith('/index.ts');
    const bad = sources.flatMap((file) =>
      file.imports.filter((one) => isInside(file, one)).map((one) => `${file.path} imports ${one.target}`),
    );
    expect(bad).toEqual([]);
  });

  test('in the agent leases import spool and loops, spool imports loops, and not the other way round', () => {
    const below: Record<string, readonly string[]> = {
      'agent/loops/': ['agent/leases/', 'agent/spool/'],
      'agent/spool/': ['agent/leases/'],
    };
    const bad = sources.flatMap(({ path, imports }) => {
      const forbidden = Object.entries(below).find(([room]) => path.startsWith(room))?.[1] ?? [];
      return imports
        .filter(({ target }) => forbidden.some((room) => target.startsWith(room)))
        .map(({ target }) => `${path} imports ${target}`);
    });
    expect(bad).toEqual([]);
  });

  test('there are no import cycles, imports of types included', () => {
    expect(findCycles(sources)).toEqual([]);
  });

  test('process.env is only in config files, process.exit only in main files, the clock only in clock.ts of each program', () => {
    expect(filesWith(/\bprocess\.env\b/, /(^|\/)config\.ts$/)).toEqual([]);
    expect(filesWith(/\bprocess\.exit(Code)?\b/, /(^|\/)(main|post)\.ts$/)).toEqual([]);
    expect(filesWith(/\bDate\.now\b|\bnew Date\(\)/, /^(server|agent|action|cli)\/clock\.ts$/)).toEqual([]);
  });

  test('there are no interactive transactions, and raw SQL only in sql-list.ts', () => {
    expect(filesWith(/\.transaction\(/, /^$/)).toEqual([]);
    expect(filesWith(/\bsql\.raw\(/, /^server\/db\/sql-list\.ts$/)).toEqual([]);
  });

  test('files have at most 200 lines, those of the schema 250', () => {
    const long = sources
      .map(({ path, text }) => ({ path, lines: text.split('\n').length }))
      .filter(({ path, lines }) => lines > (path.startsWith('server/db/schema') ? 250 : 200));
    expect(long).toEqual([]);
  });

  test('files are named in kebab-case', () => {
    const names = sources.map(({ path }) => path.split('/').at(-1) ?? '');
    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*\.tsx?$/.test(name))).toEqual([]);
  });

  test('every migration has a name and is in the journal, in order', () => {
    const files = readdirSync(join(projectRoot, 'drizzle')).filter((name) => name.endsWith('.sql'));
    const journal = readFileSync(join(projectRoot, 'drizzle/meta/_journal.json'), 'utf8');
    const { entries } = JSON.parse(journal) as { entries: { tag: string }[] };
    expect(files.sort()).toEqual(entries.map(({ tag }) => `${tag}.sql`));
    expect(files.filter((name) => !/^\d{4}_[a-z_]+\.sql$/.test(name))).toEqual([]);
  });
});

/** Import cycles of files; lazy imports do not count. */
function findCycles(files: readonly SourceFile[]): string[] {
  const next = new Map(
    files.map(({ path, imports }) => [
      path,
      imports
        .filter((one) => !one.isPackage && !one.isLazy)
        .map((one) => one.target)
        .filter((target) => target !== path),
    ]),
  );
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
      return;
    }
    if (done.has(path)) return;
    for (const target of next.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const { path } of files) visit(path, []);
  return cycles;
}
