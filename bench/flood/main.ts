// `npm run bench:flood`: what an org feels while others flood the server, which may have 256 files open. Submits of one org
// one after the other, alone and beside each flood, in turn; exit 1 where a call was refused, where the p99 beside a flood is
// more than `most` times the one alone, or where the server keeps descriptors or memory of it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Lease } from '../../protocol/shapes/agent.ts';
import type { SubmitAnswer } from '../../protocol/shapes/run.ts';
import { bearer, call, makeTenant, registerAgent, type Tenant } from '../queue/api.ts';
import { Connection } from '../queue/connection.ts';
import { type ServerProcess, startServerProcess } from '../queue/server-process.ts';
import { requestLease } from '../queue/simulated-device.ts';
import { makeWorkspace } from '../queue/workspace.ts';
import { median, percentile } from '../stats.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, submits: { type: 'string', default: '400' } },
});
const [rounds, submits] = [Number(values.rounds), Number(values.submits)];
const most = 5;
const mostKept = { files: 8, mib: 150 };
const floods = ['half-open', 'streams', 'bad-tokens', 'deaf-readers'] as const;

interface Lab {
  readonly server: ServerProcess;
  readonly flooding: Tenant;
  readonly working: Tenant;
  /** Of a log of 10 MiB. */
  readonly path: string;
}

/** How long each submit took, ms. Throws where one is refused. */
async function work({ server, working }: Lab): Promise<number[]> {
  const connection = await Connection.open(server.url);
  const took: number[] = [];
  for (let n = 0; n < submits; n += 1) {
    const start = performance.now();
    await call(connection, working.submit, '/v1/runs', {
      app_version_id: `v${n % 10}`,
      tests: ['a.spec.ts'],
    });
    took.push(performance.now() - start);
  }
  connection.close();
  return took;
}

const tokenIn = (header: string): string => header.replace(/^authorization: Bearer |\r\n$/g, '');

function startFlood({ server, flooding, path }: Lab, kind: string): ChildProcess {
  const file = join(import.meta.dirname, 'attacker.ts');
  const args = [file, kind, server.url, tokenIn(flooding.submit), path];
  return spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
}

async function endFlood(child: ChildProcess): Promise<string> {
  let answers = '';
  child.stdout?.on('data', (data) => {
    answers += String(data);
  });
  if (answers === '') await once(child.stdout ?? child, 'data');
  child.stdin?.end();
  await once(child, 'exit');
  return answers.trim();
}

/** A job of the flooding org with the longest log that is kept. */
async function longLog(server: ServerProcess, tenant: Tenant): Promise<string> {
  const connection = await Connection.open(server.url);
  const body = { app_version_id: 'v1', target: 'emulator', tests: ['long.spec.ts'] };
  const { jobs } = await call<SubmitAnswer>(connection, tenant.submit, '/v1/runs', body);
  const agent = await registerAgent(connection, tenant, 'rack', ['emulator']);
  const [device] = agent.devices;
  const lease = device && ((await requestLease(connection, tenant, device, 1000)) as Lease | undefined);
  if (!lease) throw new Error('there was no lease');
  const place = `/v1/leases/${lease.lease_id}/jobs/${jobs[0]?.job_id}`;
  await call(connection, bearer(lease.token), `${place}/start`, { attempt: 1 });
  connection.close();
  const chunk = Buffer.alloc(1024 * 1024, 'a line of the log\n');
  for (let n = 0; n < 10; n += 1)
    await fetch(`${server.url}${place}/logs?attempt=1&offset=${n * chunk.length}`, {
      ...{ method: 'PUT', body: chunk, headers: { authorization: `Bearer ${lease.token}` } },
    });
  return `/v1/jobs/${jobs[0]?.job_id}/logs`;
}

const workspace = makeWorkspace();
try {
  const server = await startServerProcess(workspace.newFolder(), {
    openFiles: 256,
    // As an operator gets it: the bench's own limits are lifted elsewhere.
    env: { QGJOB_MAX_REQUESTS_PER_ORG: '', QGJOB_MAX_CALLS_PER_ORG: '' },
  });
  const flooding = await makeTenant(server.url, server.adminToken, 'flooding');
  const working = await makeTenant(server.url, server.adminToken, 'working');
  const lab: Lab = { server, flooding, working, path: await longLog(server, flooding) };
  const files = (): number => readdirSync(`/proc/${server.pid}/fd`).length;
  await work(lab);
  const before = { files: files(), mib: server.residentKib() / 1024 };
  const alone: number[] = [];
  const beside = new Map<string, number[]>();
  for (let round = 1; round <= rounds; round += 1)
    for (const kind of floods) {
      alone.push(percentile(await work(lab), 0.99));
      const child = startFlood(lab, kind);
      const answered = endFlood.bind(undefined, child);
      const p99 = percentile(await work(lab), 0.99);
      beside.set(kind, [...(beside.get(kind) ?? []), p99]);
      workspace.log(`round ${round}, ${kind}: p99 ${p99.toFixed(1)} ms; ${await answered()}`);
    }
  const base = median(alone);
  const rows = floods.map((kind) => ({ kind, p99: median(beside.get(kind) ?? []) }));
  // The last connections are closed by the system after their processes have ended.
  for (let tries = 0; tries < 100 && files() > before.files; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 100));
  const kept = { files: files() - before.files, mib: server.residentKib() / 1024 - before.mib };
  process.stdout.write(
    [
      `p99 of a submit alone: ${base.toFixed(1)} ms`,
      '| flood | p99 of a submit beside it, ms | times |',
      '|---|---|---|',
      ...rows.map(({ kind, p99 }) => `| ${kind} | ${p99.toFixed(1)} | ${(p99 / base).toFixed(2)} |`),
      `kept after all of them: ${kept.files} descriptors, ${kept.mib.toFixed(0)} MiB`,
      '',
    ].join('\n'),
  );
  await server.stop();
  const isSlow = rows.some(({ p99 }) => p99 / base > most);
  process.exitCode = isSlow || kept.files > mostKept.files || kept.mib > mostKept.mib ? 1 : 0;
} finally {
  workspace.remove();
}
