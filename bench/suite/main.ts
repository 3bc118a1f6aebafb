// `npm run bench:suite`: suites of Playwright through the queue, from a bundle, on two slots of this host, beside the
// tool alone with two workers. Both sides in turn, medians of several rounds; see ../README.md.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { formatSuites, type SuiteRounds } from './format-suites.ts';
import { makeSuite, type SuiteName, suites } from './make-suite.ts';
import { openFarm } from './open-farm.ts';
import { runAlone } from './run-alone.ts';
import { runQueued } from './run-queued.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, only: { type: 'string' } },
});
const rounds = Number(values.rounds);
const names = (values.only?.split(',') ?? Object.keys(suites)) as SuiteName[];
const project = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'qgjob-bench-suite-'));
const debian = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
const chromium = process.env.PLAYWRIGHT_CHROMIUM ?? debian.find(existsSync) ?? '/usr/bin/chromium';
process.stderr.write(`${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}\n`);

const suite = makeSuite(join(folder, 'suite'), join(project, 'node_modules'), chromium);
const farm = await openFarm(join(folder, 'farm'), project);
try {
  // Once without a measure: caches of the disk, the bundle on the server and the agent, the first estimates.
  for (const name of names) await runQueued(farm, suite, name, 'warm');
  const results: SuiteRounds[] = names.map((name) => ({ name, alone: [], queued: [] }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, alone, queued } of results) {
      const sides = [
        async () => void alone.push(await runAlone(suite, name)),
        async () => void queued.push(await runQueued(farm, suite, name, `v${round}`)),
      ];
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) await side();
      process.stderr.write(
        `round ${round + 1}, ${name}: ${alone.at(-1)?.wallMs} / ${queued.at(-1)?.wallMs} ms\n`,
      );
    }
  }
  process.stdout.write(formatSuites(results, farm.agentPeak()));
} finally {
  await farm.close();
  rmSync(folder, { recursive: true, force: true });
}
