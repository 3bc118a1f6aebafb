import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Options, Part } from './options.ts';
import { startPostgres } from './peers/start-postgres.ts';
import { startRedis } from './peers/start-redis.ts';

/** One side of the comparison and the parts of the benchmark that it can run. */
export interface SideEntry {
  readonly name: string;
  /** Path of the module whose default export opens the side. */
  readonly module: string;
  readonly parts: readonly Part[];
}

/** The sides of one run, and what they need. */
export interface Sides {
  readonly entries: readonly SideEntry[];
  /** Environment for their child processes. */
  readonly env: Readonly<Record<string, string>>;
  /** For the report: version and settings of the servers that were started. */
  readonly notes: readonly string[];
  /** Stops the servers that were started. Repeated calls do nothing. */
  stop(): Promise<unknown>;
}

/** Path of a module in this folder that a child process opens. */
export const ownModule = (name: string): string => join(import.meta.dirname, `${name}.ts`);
const peer = (name: string): string => join(import.meta.dirname, 'peers', `${name}.ts`);
const all: readonly Part[] = ['a', 'b', 'c', 'd'];

const ownSides: readonly SideEntry[] = [
  { name: 'qgjob', module: ownModule('ours'), parts: all },
  { name: 'floor', module: ownModule('floor'), parts: ['a'] },
  { name: 'raw insert', module: ownModule('raw-insert'), parts: ['a', 'b'] },
];

const peerSides: readonly SideEntry[] = [
  { name: 'plainjob', module: peer('plainjob'), parts: all },
  { name: 'bullmq', module: peer('bullmq'), parts: all },
  { name: 'pg-boss', module: peer('pg-boss'), parts: all },
  { name: 'pg-boss single', module: peer('pg-boss-single'), parts: all },
  { name: 'graphile default', module: peer('graphile-default'), parts: all },
  { name: 'graphile tuned', module: peer('graphile-tuned'), parts: all },
];

const peerPackages = join(import.meta.dirname, '../node_modules');

type Service = Awaited<ReturnType<typeof startRedis>>;

/**
 * Starts Redis and PostgreSQL if peers are measured. Errors: those of the two starts, and peers that are not installed.
 */
export async function openSides(options: Options): Promise<Sides> {
  const isAsked = (side: SideEntry): boolean => side.parts.some((part: Part) => options.parts.has(part));
  const peers = options.withPeers ? peerSides.filter(isAsked) : [];
  const entries = [...ownSides, ...peers].filter(isAsked);
  if (peers.length === 0) return { entries, env: {}, notes: [], stop: async () => undefined };
  if (!existsSync(peerPackages)) {
    throw new Error('the peers are not installed: run "npm ci --prefix bench", or give --without-peers');
  }
  const redis = await startRedis();
  const postgres = await startPostgres().catch(async (error) => {
    await redis.stop();
    throw error;
  });
  const describe = (name: string, { version, settings }: Service) => `${name} ${version}: ${settings}`;
  let stopped: Promise<unknown> | undefined;
  return {
    entries,
    env: { BENCH_REDIS_URL: redis.url, BENCH_POSTGRES_URL: postgres.url },
    notes: [describe('Redis', redis), describe('PostgreSQL', postgres)],
    stop() {
      stopped ??= Promise.all([redis.stop(), postgres.stop()]);
      return stopped;
    },
  };
}
