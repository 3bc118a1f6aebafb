import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { floor, type Group, groups, reportOf } from './groups.ts';
import { type Counts, countMutants, scoreOf, sumOf } from './read-report.ts';

const usage = 'npm run mutation -- [--group=NAME …] [--concurrency=2]';
const stryker = 'test/mutation/node_modules/@stryker-mutator/core/bin/stryker.js';
const root = join(import.meta.dirname, '../..');
const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Flags {
  readonly chosen: readonly Group[];
  readonly concurrency: string;
}

function readFlags(): Flags {
  const { values } = parseArgs({
    options: {
      group: { type: 'string', multiple: true, default: groups.map(({ name }) => name) },
      concurrency: { type: 'string', default: '2' },
    },
  });
  const chosen = values.group.map((name) => groups.find((one) => one.name === name));
  const known = groups.map(({ name }) => name).join(', ');
  if (chosen.includes(undefined)) throw new Error(`--group=${values.group}: the groups are ${known}`);
  return { chosen: chosen.filter((one) => one !== undefined), concurrency: values.concurrency };
}

/** Mutates the files of a group. Undefined where it broke off, say because a test failed without any mutant. */
function run({ name }: Group, concurrency: string): Counts | undefined {
  const report = join(root, reportOf(name));
  rmSync(report, { force: true });
  const args = [stryker, 'run', 'test/mutation/stryker.config.mjs', '--concurrency', concurrency];
  const env = { ...process.env, QGJOB_MUTATION_GROUP: name };
  spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' });
  return existsSync(report) ? countMutants(JSON.parse(readFileSync(report, 'utf8'))) : undefined;
}

function lineOf(name: string, counts: Counts): string {
  const { killed, timeout, survived, noCoverage } = counts;
  const all = killed + timeout + survived + noCoverage;
  return `${name}: ${scoreOf(counts).toFixed(1)} % of ${all} mutants noticed (${killed} by a test that failed, ${timeout} by one that did not end); ${survived} survived, ${noCoverage} were reached by no test`;
}

function main({ chosen, concurrency }: Flags): number {
  const startedAt = Date.now();
  const found = chosen.map((group) => ({ group, counts: run(group, concurrency) }));
  say(`\n${Math.round((Date.now() - startedAt) / 60_000)} minutes`);
  for (const { group, counts } of found)
    say(counts ? lineOf(group.name, counts) : `${group.name}: broke off, see above`);
  say(lineOf('all', sumOf(found.flatMap(({ counts }) => counts ?? []))));
  const isBelow = found.some(({ counts }) => counts === undefined || scoreOf(counts) < floor);
  if (isBelow) say(`✗ Each group must reach ${floor} %.`);
  return isBelow ? 1 : 0;
}

if (!existsSync(join(root, stryker))) {
  say('Stryker is not installed: npm ci --prefix test/mutation');
  process.exitCode = 1;
} else {
  try {
    process.exitCode = main(readFlags());
  } catch (error) {
    say(`${(error as Error).message}\n${usage}`);
    process.exitCode = 2;
  }
}
