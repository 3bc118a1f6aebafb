// What pruning costs the queue: the time of a lease while a server deletes old runs, beside the same server without it.
// Both sides run in turn on copies of one database; the figures are medians over the rounds.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeWorkspace } from '../queue/workspace.ts';
import { median, rotate } from '../stats.ts';
import { makeOldRuns } from './make-old-runs.ts';
import { type Measured, measure } from './measure.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '30' },
  },
});
const [runs, rounds, seconds] = [Number(values.runs), Number(values.rounds), Number(values.seconds)];
const dayMs = 24 * 3_600_000;

const workspace = makeWorkspace();
try {
  const template = join(workspace.newFolder(), 'old.db');
  await makeOldRuns(template, runs, 400 * dayMs);
  workspace.log(`a database with ${runs} old runs`);
  const sides: Record<'without' | 'with', Measured[]> = { without: [], with: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const side of rotate(['without', 'with'] as const, round)) {
      const measured = await measure(template, workspace.newFolder(), {
        isPruning: side === 'with',
        seconds,
      });
      sides[side].push(measured);
      workspace.log(`round ${round + 1}, ${side} pruning: ${JSON.stringify(measured)}`);
    }
  }
  const of = (side: Measured[], name: keyof Measured): number => median(side.map((one) => one[name]));
  const row = (name: string, side: Measured[]): string =>
    `| ${name} | ${of(side, 'p50').toFixed(1)} | ${of(side, 'p99').toFixed(1)} | ${of(side, 'leases')} | ${of(side, 'prunedPerSecond').toFixed(0)} |`;
  const ratio = of(sides.with, 'p99') / of(sides.without, 'p99');
  process.stdout.write(
    [
      '| | lease p50, ms | p99, ms | leases | runs deleted/s |',
      '|---|---|---|---|---|',
      row('without pruning', sides.without),
      row('while pruning', sides.with),
      '',
      `p99 with / without: ${ratio.toFixed(2)}`,
      '',
    ].join('\n'),
  );
} finally {
  workspace.remove();
}
