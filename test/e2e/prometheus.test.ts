import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { freePort } from '../../agent/test-support/free-port.ts';
import { tempFolder } from '../support/queue.ts';
import { addOrg, startTestServer, type TestServer } from '../support/server.ts';
import { projectRoot } from '../support/sources.ts';
import { World } from '../support/world.ts';

const rulesFile = join(projectRoot, 'deploy/prometheus/rules.yml');
const dashboardFile = join(projectRoot, 'deploy/grafana/qgjob.json');

interface Rule {
  readonly alert: string;
  readonly expr: string;
}
const rules = (parse(readFileSync(rulesFile, 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}
const panels = (JSON.parse(readFileSync(dashboardFile, 'utf8')) as { panels: Panel[] }).panels;

/** What a server that is well never counts: these have no data, and are named here so that no misspelt name is. */
const emptyWhereAllIsWell = [
  'qgjob_db_errors_total',
  'qgjob_outbox_deliveries_total',
  'qgjob_outbox_given_up_total',
  'qgjob_install_errors_total',
  'qgjob_leases_expired_total',
];

/** An answer of Prometheus. */
interface Answer {
  readonly data: {
    readonly result: readonly { readonly value: readonly [at: number, value: string] }[];
    readonly groups: readonly {
      readonly rules: readonly { readonly name: string; readonly health: string }[];
    }[];
  };
}

/** A Prometheus that looks at the server every second; ended when the test ends. */
async function startPrometheus(server: TestServer) {
  const folder = tempFolder();
  const port = await freePort();
  const { token } = await server.client.call('createToken', {
    body: { name: 'prometheus', shared: true, scopes: ['read'] },
  });
  writeFileSync(join(folder, 'token'), token);
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [rulesFile],
    scrape_configs: [
      {
        job_name: 'qgjob',
        authorization: { credentials_file: 'token' },
        static_configs: [{ targets: [new URL(server.url).host] }],
      },
    ],
  };
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
  execFileSync('promtool', ['check', 'config', 'prometheus.yml'], { cwd: folder });
  const child = spawn(
    'prometheus',
    ['--config.file=prometheus.yml', '--storage.tsdb.path=data', `--web.listen-address=127.0.0.1:${port}`],
    { cwd: folder, stdio: 'ignore' },
  );
  onTestFinished(() => ended(child));
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`).catch(() => undefined);
    return response?.ok ? ((await response.json()) as Answer).data : undefined;
  };
  /** The values of an expression; undefined where it is none, or nobody answers. */
  const query = async (expr: string): Promise<string[] | undefined> =>
    (await ask(`query?query=${encodeURIComponent(expr)}`))?.result.map(({ value }) => value[1]);
  return { ask, query };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exit;
}

/** Jobs that pass, fail, are tried again, run and wait; installs; a run that is over. */
async function work(acme: World): Promise<void> {
  await acme.finished();
  await acme.finished({ verdict: 'error', error_class: 'infra_error', tests: [] });
  const { lease } = await acme.running();
  await acme.of(lease).call('reportInstalled', {
    params: { id: lease.lease_id },
    body: { ok: true, duration_ms: 1000, installs: 1 },
  });
  await acme.submit({ tests: ['x.spec.ts', 'y.spec.ts'] });
}

const metricsOf = (expr: string): string[] =>
  [...expr.matchAll(/\b(?:qgjob|process|nodejs)_\w+/g)].map(([name]) => name);

test('every expression of the dashboard and of the alerts has data in a real Prometheus', async () => {
  const server = await startTestServer();
  const acme = new World(server, await addOrg(server, 'acme'));
  await work(acme);
  const { ask, query } = await startPrometheus(server);
  const has = async (expr: string) => expect(await query(expr), expr).not.toEqual([]);
  // A rate needs two looks, and a series that was there at the first one.
  const looked = (n: number) =>
    expect
      .poll(async () => Number((await query('count_over_time(qgjob_build_info[1m])'))?.[0]), {
        timeout: 20_000,
      })
      .toBeGreaterThanOrEqual(n);
  await expect
    .poll(async () => Number((await query('sum(qgjob_runs_finished_total)'))?.[0]), { timeout: 20_000 })
    .toBe(1);
  await work(acme);
  await looked(3);

  const exprs = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  expect(exprs.length).toBeGreaterThan(40);
  const isEmpty = (expr: string) => metricsOf(expr).every((name) => emptyWhereAllIsWell.includes(name));
  for (const expr of exprs.map((one) => one.replaceAll('$__rate_interval', '1m'))) {
    const values = await query(expr);
    expect(values, `${expr} is no expression`).toBeDefined();
    if (!isEmpty(expr)) expect(values, `${expr} has no data`).not.toEqual([]);
  }
  for (const name of new Set([...exprs, ...rules.map(({ expr }) => expr)].flatMap(metricsOf)))
    if (!emptyWhereAllIsWell.includes(name)) await has(`{__name__=~"${name}"}`);
  const loaded = (await ask('rules'))?.groups.flatMap((group) => group.rules) ?? [];
  expect(loaded.map((rule) => `${rule.name} ${rule.health}`)).toEqual(
    rules.map(({ alert }) => `${alert} ok`),
  );
}, 60_000);

test('every alert fires where its trouble is, and none where all is well', () => {
  const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', 'rules.test.yml'], {
    cwd: join(projectRoot, 'deploy/prometheus'),
    encoding: 'utf8',
  });
  expect({ status, out: `${stdout}${stderr}` }).toEqual({
    status: 0,
    out: expect.stringContaining('SUCCESS'),
  });
  const told = readFileSync(join(projectRoot, 'deploy/prometheus/rules.test.yml'), 'utf8');
  expect(rules.filter(({ alert }) => !told.includes(`alertname="${alert}"`))).toEqual([]);
});

test('the dashboard is what its script writes', () => {
  const file = join(tempFolder(), 'dashboard.json');
  execFileSync(process.execPath, [join(projectRoot, 'scripts/grafana-dashboard.mjs'), file]);
  expect(JSON.parse(readFileSync(dashboardFile, 'utf8'))).toEqual(JSON.parse(readFileSync(file, 'utf8')));
});
