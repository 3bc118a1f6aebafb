// `npm run bench:replay -- W1 --seed 1 --speed 30`: plays a trace of the evaluator in scaled time against a real server
// with simulated agents, and prints the figures beside those of the same scheduler in virtual time and of naive
// policies.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findEvaluator, mustFindEvaluator } from '../evaluator/find-evaluator.ts';
import { startFastServer } from './fast-server.ts';
import { makeHistory } from './make-history.ts';
import { replay } from './replay.ts';
import { Evaluator, type Metrics, type Trace } from './trace.ts';

const usage = `usage: npm run bench:replay -- CASE [--seed 1] [--speed 30] [--no-history] [--out FOLDER] [--if-there]
  --speed X     X seconds of the trace pass in one second
  --no-history  the server has seen none of the tests before
  --out FOLDER  keep trace and log there
  --if-there    where there is no evaluator, say so and succeed`;

const columns = ['installsPerFamily', 'makespanRatio', 'meanFlow', 'p95Flow', 'jain', 'util'];
const adapter = join(import.meta.dirname, '../scheduling.ts');

interface Plan {
  readonly name: string;
  readonly seed: number;
  readonly speed: number;
  readonly history: boolean;
}

async function playOn(folder: string, trace: Trace, { speed, history }: Plan) {
  const server = await startFastServer(folder, speed);
  try {
    if (history) await makeHistory(server.client, trace);
    return await replay(server.client, trace, speed);
  } finally {
    await server.stop();
  }
}

async function run(evaluator: Evaluator, folder: string, plan: Plan): Promise<void> {
  const trace = await evaluator.readTrace(plan.name, plan.seed, plan.speed);
  const jobs = trace.runs.flatMap((one) => one.jobs).length;
  console.log(
    `${jobs} jobs in ${trace.runs.length} runs on ${trace.devices.length} devices, ${plan.speed} times as fast`,
  );
  const began = performance.now();
  const { events, roundTripP95 } = await playOn(folder, trace, plan);
  const metrics = await evaluator.score(events, plan.speed);
  const took = `${Math.round((performance.now() - began) / 1000)} s`;
  // Above about a second, the figures show the machine and not the scheduler.
  const roundTrip = `${roundTripP95.toFixed(2)} s of the trace`;
  console.log(`every job passed, the log is legal; took ${took}; a round trip is up to ${roundTrip} (p95)`);
  print({ 'server and agents': metrics, ...(await evaluator.simulate(adapter, plan.name, plan.seed)) });
}

function print(byPolicy: Readonly<Record<string, Metrics>>): void {
  console.log(['', ...columns].map((name) => name.padStart(18)).join(''));
  for (const [policy, metrics] of Object.entries(byPolicy)) {
    const name = policy === 'scheduling.ts' ? 'in virtual time' : policy;
    const figures = columns.map((column) => metrics[column]?.toPrecision(4) ?? '-');
    console.log([name, ...figures].map((word) => word.padStart(18)).join(''));
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: '1' },
      speed: { type: 'string', default: '30' },
      'no-history': { type: 'boolean', default: false },
      out: { type: 'string' },
      'if-there': { type: 'boolean', default: false },
    },
  });
  const [name] = positionals;
  const [seed, speed] = [Number(values.seed), Number(values.speed)];
  if (!name || positionals.length > 1 || !Number.isInteger(seed) || !(speed > 0)) throw new Error(usage);
  if (values['if-there'] && findEvaluator() === undefined)
    return console.log('skipped: the evaluator is not here');
  const temp = await mkdtemp(join(tmpdir(), 'qgjob-replay-'));
  const folder = values.out ? resolve(values.out) : temp;
  await mkdir(folder, { recursive: true });
  try {
    const evaluator = new Evaluator(mustFindEvaluator(), folder);
    await run(evaluator, temp, { name, seed, speed, history: !values['no-history'] });
  } finally {
    await rm(temp, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
