// What a person waits for at each command: the start of the CLI beside that of Node alone, and a command with one request.
// The sides in turn, medians; exit 1 where a target is missed.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { call, makeTenant } from './queue/api.ts';
import { Connection } from './queue/connection.ts';
import { startServerProcess } from './queue/server-process.ts';
import { makeWorkspace } from './queue/workspace.ts';
import { median, rotate } from './stats.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '21' } } });
const rounds = Number(values.rounds);
const program = new URL('../build/cli/main.js', import.meta.url).pathname;

const workspace = makeWorkspace();
try {
  const server = await startServerProcess(workspace.newFolder());
  const tenant = await makeTenant(server.url, server.adminToken, 'bench');
  const connection = await Connection.open(server.url);
  const body = { app_version_id: 'v1', target: 'emulator', tests: ['a.spec.ts'], allow_no_device: true };
  const { run } = await call<{ run: { run_id: string } }>(connection, tenant.submit, '/v1/runs', body);
  connection.close();
  const env = {
    ...{ PATH: process.env.PATH, HOME: workspace.newFolder() },
    ...{ QGJOB_SERVER_URL: server.url, QGJOB_TOKEN: server.adminToken },
  };
  const sides = [
    { name: 'node -e 0', args: ['-e', '0'], most: 1 },
    { name: 'qgjob --help', args: [program, '--help'], most: 2 },
    { name: 'qgjob status', args: [program, 'status', run.run_id], most: 2.5 },
  ].map((side) => ({ ...side, took: [] as number[] }));
  for (let round = 0; round < rounds; round += 1)
    for (const { args, took } of rotate(sides, round)) {
      const start = performance.now();
      const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
      if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
      took.push(performance.now() - start);
    }
  await server.stop();
  const base = median(sides[0]?.took ?? []);
  const rows = sides.map(({ name, most, took }) => ({
    name,
    most,
    ms: median(took),
    ratio: median(took) / base,
  }));
  process.stdout.write(
    [
      '| command | ms | of node -e 0 | at most |',
      '|---|---|---|---|',
      ...rows.map(
        ({ name, ms, ratio, most }) => `| ${name} | ${ms.toFixed(0)} | ${ratio.toFixed(2)} | ${most} |`,
      ),
      '',
    ].join('\n'),
  );
  process.exitCode = rows.some(({ ratio, most }) => ratio > most) ? 1 : 0;
} finally {
  workspace.remove();
}
