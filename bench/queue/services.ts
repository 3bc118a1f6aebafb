import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Options, Part } from './options.ts';
import { startPostgres } from './peers/start-postgres.ts';
import { startRedis } from './peers/start-redis.ts';
import { ownSides, peerSides, type SideEntry } from './sides.ts';

/** The sides of this run, and what they need. */
export interface Field {
  readonly sides: readonly SideEntry[];
  /** For their child processes. */
  readonly env: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
  /** Ends what was started; again: nothing more. */
  stop(): Promise<unknown>;
}

const peerPackages = join(import.meta.dirname, '../node_modules');

type Service = Awaited<ReturnType<typeof startRedis>>;

/** Starts Redis and PostgreSQL where peers are measured. Errors: theirs, when one is not installed. */
export async function openField(options: Options): Promise<Field> {
  const isAsked = (side: SideEntry): boolean => side.parts.some((part: Part) => options.parts.has(part));
  const peers = options.withPeers ? peerSides.filter(isAsked) : [];
  const sides = [...ownSides, ...peers].filter(isAsked);
  if (peers.length === 0) return { sides, env: {}, notes: [], stop: async () => undefined };
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
    sides,
    env: { BENCH_REDIS_URL: redis.url, BENCH_POSTGRES_URL: postgres.url },
    notes: [describe('Redis', redis), describe('PostgreSQL', postgres)],
    stop() {
      stopped ??= Promise.all([redis.stop(), postgres.stop()]);
      return stopped;
    },
  };
}
