import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type FsyncCounter, noCounter, perfCounter, whyNotCounted } from './fsyncs.ts';
import type { Options, Part } from './options.ts';
import type { OwnServer } from './peers/own-server.ts';
import { startPostgres } from './peers/start-postgres.ts';
import { startRedis } from './peers/start-redis.ts';

/** One side of the comparison and the parts of the benchmark that it can run. */
export interface SideEntry {
  readonly name: string;
  /** Path of the module whose default export opens the side. */
  readonly module: string;
  /** Which side of the module it is, where that opens several. */
  readonly variant?: string;
  readonly parts: readonly Part[];
  readonly isPeer: boolean;
  /** The server that keeps its jobs, where the bench has to start one. */
  readonly store?: keyof typeof stores;
}

/** The sides of one run, and what they need. */
export interface Sides {
  readonly entries: readonly SideEntry[];
  /** Environment for their child processes. */
  readonly env: Readonly<Record<string, string>>;
  /** For the report: version and settings of the servers that were started. */
  readonly notes: readonly string[];
  /** Counts the fsyncs of a side: of its process and of the server that keeps its jobs. */
  counterOf(side: SideEntry, pid: number): FsyncCounter;
  /** Stops the servers that were started. Repeated calls do nothing. */
  stop(): Promise<unknown>;
}

const stores = {
  redis: { title: 'Redis', variable: 'BENCH_REDIS_URL', start: startRedis },
  postgres: { title: 'PostgreSQL', variable: 'BENCH_POSTGRES_URL', start: startPostgres },
} as const;

/** Path of a module in this folder that a child process opens. */
export const ownModule = (name: string): string => join(import.meta.dirname, `${name}.ts`);

const all: readonly Part[] = ['a', 'b', 'c', 'd'];
const own = { module: ownModule('ours'), parts: all, isPeer: false };
const inProcess = (name: string, store?: keyof typeof stores): SideEntry => ({
  name,
  module: join(import.meta.dirname, 'peers', `${name.replace(' ', '-')}.ts`),
  parts: all,
  isPeer: true,
  ...(store && { store }),
});
const overHttp = (name: string, store?: keyof typeof stores): SideEntry => ({
  name: `${name} http`,
  module: join(import.meta.dirname, 'peers/http/side.ts'),
  variant: name.replace(' ', '-'),
  parts: all,
  isPeer: true,
  ...(store && { store }),
});

/** In the order of measuring: ours in the middle, and what is compared with it as near as may be. */
export const allSides: readonly SideEntry[] = [
  inProcess('graphile tuned', 'postgres'),
  inProcess('graphile default', 'postgres'),
  inProcess('pg-boss', 'postgres'),
  inProcess('pg-boss single', 'postgres'),
  inProcess('bullmq', 'redis'),
  inProcess('plainjob'),
  { name: 'raw insert', module: ownModule('raw-insert'), parts: ['a', 'b'], isPeer: false },
  { name: 'floor', module: ownModule('floor'), parts: ['a'], isPeer: false },
  { ...own, name: 'qgjob' },
  overHttp('bullmq', 'redis'),
  overHttp('plainjob full'),
  overHttp('pg-boss', 'postgres'),
  overHttp('graphile', 'postgres'),
  overHttp('plainjob'),
  overHttp('bunqueue'),
  { ...own, name: 'qgjob sqld', variant: 'sqld' },
  { ...own, name: 'qgjob sqld x2', variant: 'sqld-2' },
];

/** The sides that the options ask for. */
export const chooseSides = ({ parts, withPeers, sides }: Options): SideEntry[] =>
  allSides.filter(
    (side) =>
      side.parts.some((part) => parts.has(part)) &&
      (withPeers || !side.isPeer) &&
      (sides === undefined || sides.has(side.name)),
  );

const peerPackages = join(import.meta.dirname, '../node_modules');

/**
 * Starts Redis and PostgreSQL where a side needs them. Errors: those of the two starts, and peers that are not
 * installed.
 */
export async function openSides(options: Options): Promise<Sides> {
  const entries = chooseSides(options);
  if (entries.some((side) => side.isPeer) && !existsSync(peerPackages)) {
    throw new Error('the peers are not installed: run "npm ci --prefix bench", or give --without-peers');
  }
  const started = new Map<keyof typeof stores, OwnServer>();
  let stopped: Promise<unknown> | undefined;
  const stop = (): Promise<unknown> => {
    stopped ??= Promise.all([...started.values()].map((server) => server.stop()));
    return stopped;
  };
  try {
    for (const name of new Set(entries.flatMap(({ store }) => store ?? []))) {
      started.set(name, await stores[name].start());
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const running = [...started];
  const why = await whyNotCounted();
  return {
    entries,
    env: Object.fromEntries(running.map(([name, { url }]) => [stores[name].variable, url])),
    notes: [
      ...running.map(([name, { version, settings }]) => `${stores[name].title} ${version}: ${settings}`),
      ...(why === undefined ? [] : [`fsyncs were not counted: ${why}`]),
    ],
    counterOf({ store }, pid) {
      const server = store && started.get(store);
      return why === undefined ? perfCounter([pid, ...(server ? [server.pid] : [])]) : noCounter;
    },
    stop,
  };
}
