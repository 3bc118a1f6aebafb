// `node bench/queue/peers/smoke.ts [SIDE…]`: a small run of every peer in this process, to see that it handles each job
// once. Its figures are rough; `npm run bench` measures the real ones.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenSide, Side } from '../side.ts';
import { startPostgres } from './start-postgres.ts';
import { startRedis } from './start-redis.ts';

const names = ['plainjob', 'bullmq', 'pg-boss', 'pg-boss-single', 'graphile-default', 'graphile-tuned'];
const jobs = 2000;
const inFlight = 64;
const pickups = 20;

async function perSecond(work: () => Promise<void>): Promise<string> {
  const started = performance.now();
  await work();
  return `${Math.round((jobs / (performance.now() - started)) * 1000)}/s`;
}

/** Two rounds: the first warms up, and both show that a phase leaves nothing for the next. */
async function tryOut(side: Side): Promise<void> {
  console.log(
    `\n${side.about.name} ${side.about.version}\n  ${side.about.durability}\n  ${side.about.settings}`,
  );
  for (const round of [1, 2]) {
    const submit = await perSecond(() => side.submit(jobs, inFlight));
    await side.reset();
    const bulk = await perSecond(() => side.submitBulk(jobs));
    const drain = await perSecond(() => side.drain(jobs));
    await side.reset();
    const waits = (await side.pickup(pickups)).toSorted((a, b) => a - b);
    await side.reset();
    const [p50, max] = [waits[pickups / 2], waits.at(-1)].map((ms) => ms?.toFixed(1));
    console.log(
      `  ${round}: submit ${submit}, bulk ${bulk}, drain ${drain}, pickup p50 ${p50} ms, max ${max} ms`,
    );
  }
}

async function tryPeer(name: string): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'qgjob-smoke-'));
  const { default: open } = (await import(`./${name}.ts`)) as { default: OpenSide };
  const side = await open(dir);
  try {
    await tryOut(side);
  } finally {
    await side.close();
    await rm(dir, { recursive: true });
  }
}

const redis = await startRedis();
const postgres = await startPostgres();
try {
  process.env.BENCH_REDIS_URL = redis.url;
  process.env.BENCH_POSTGRES_URL = postgres.url;
  for (const name of process.argv.length > 2 ? process.argv.slice(2) : names) await tryPeer(name);
} finally {
  await redis.stop();
  await postgres.stop();
}
