// Whether pages stay quick when the queue has grown: each page of the dashboard on a server that has seen 100 jobs and on
// one that has seen many, in turn. Medians; exit 1 where a page takes more than `most` times as long.
import { parseArgs } from 'node:util';
import { startServerProcess } from '../queue/server-process.ts';
import { makeWorkspace } from '../queue/workspace.ts';
import { median, rotate } from '../stats.ts';
import { type Filled, fill, type Size } from './fill.ts';
import { signIn, visit } from './visit.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10' },
    tests: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '25' },
  },
});
const rounds = Number(values.rounds);
const most = 3;
const warmUps = 3;

const sizes: Readonly<Record<'small' | 'large', Size>> = {
  small: { runs: 1, testsPerRun: 100, logBytes: 16 * 1024 },
  // The most that is kept of a log: of a longer one the agent leaves out the middle.
  large: { runs: Number(values.runs), testsPerRun: Number(values.tests), logBytes: 10 * 1024 * 1024 },
};

const pagesOf = ({ run, job, test }: Filled): Readonly<Record<string, string>> => ({
  overview: '',
  runs: '/runs',
  run: `/runs/${run}`,
  'run, failures': `/runs/${run}?status=failed`,
  'run, search': `/runs/${run}?q=flow-77.`,
  job: `/jobs/${job}`,
  'job, search of a word that is nowhere': `/jobs/${job}?q=nowhere`,
  'tests, flaky': '/tests',
  'tests, by name': '/tests?sort=name',
  'tests, search': '/tests?sort=name&q=flow-77.',
  test: `/tests/${test}`,
  devices: '/devices',
  agents: '/agents',
  'dead letters': '/dead-letters',
  settings: '/settings',
});

const workspace = makeWorkspace();
try {
  const sides = await Promise.all(
    (['small', 'large'] as const).map(async (name) => {
      const server = await startServerProcess(workspace.newFolder());
      const pages = pagesOf(await fill(server, sizes[name]));
      workspace.log(`${name}: ${sizes[name].runs} runs of ${sizes[name].testsPerRun} tests`);
      return {
        name,
        server,
        pages,
        session: await signIn(server),
        took: new Map<string, number[]>(),
        kib: new Map<string, number>(),
      };
    }),
  );
  for (let round = -warmUps; round < rounds; round += 1)
    for (const page of Object.keys(sides[0]?.pages ?? {}))
      for (const { server, pages, session, took, kib } of rotate(sides, Math.abs(round))) {
        const { ms, bytes } = await visit(server.url, pages[page] ?? '', session);
        kib.set(page, bytes / 1024);
        if (round >= 0) took.set(page, [...(took.get(page) ?? []), ms]);
      }
  const [small, large] = sides;
  const rows = [...(small?.took ?? [])].map(([page, own]) => {
    const [base, much] = [median(own), median(large?.took.get(page) ?? [])];
    return { page, base, much, ratio: much / base, kib: large?.kib.get(page) ?? 0 };
  });
  process.stdout.write(
    [
      `| page | ${sizes.small.testsPerRun} jobs, ms | ${sizes.large.runs * sizes.large.testsPerRun} jobs, ms | ratio | page, KiB |`,
      '|---|---|---|---|---|',
      ...rows.map(
        ({ page, base, much, ratio, kib }) =>
          `| ${page} | ${base.toFixed(1)} | ${much.toFixed(1)} | ${ratio.toFixed(2)} | ${kib.toFixed(0)} |`,
      ),
      '',
    ].join('\n'),
  );
  await Promise.all(sides.map(({ server }) => server.stop()));
  const slow = rows.filter(({ ratio }) => ratio > most).map(({ page }) => page);
  if (slow.length > 0) workspace.log(`more than ${most} times as long: ${slow.join('; ')}`);
  process.exitCode = slow.length > 0 ? 1 : 0;
} finally {
  workspace.remove();
}
