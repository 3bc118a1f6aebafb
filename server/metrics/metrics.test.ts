import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { addOrg, startTestServer } from '../../test/support/server.ts';
import { projectRoot } from '../../test/support/sources.ts';
import { expectRefusal, World } from '../../test/support/world.ts';
import { counters, queueMetrics, timers } from './definitions.ts';
import { nodeMetrics, processMetrics } from './process-definitions.ts';
import { createMetricSet } from './registry.ts';
import { chooseLabels, createTargetLabels, mostTargets } from './target-labels.ts';

/** The values of a text by their name with labels, as Prometheus reads it. */
const readSeries = (text: string): Map<string, number> =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );

const typesOf = (text: string): string[] =>
  [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`).sort();

async function lab() {
  const server = await startTestServer();
  const acme = new World(server, await addOrg(server, 'acme'));
  const look = async (token?: string) => (await server.ask('readMetrics', token ? { token } : {})).text;
  return { server, acme, look };
}

test('every series has its row in docs/metrics.md, with its type, and no other has', async () => {
  const { look } = await lab();
  const page = readFileSync(join(projectRoot, 'docs/metrics.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `((?:qgjob|process|nodejs)_\w+)` \| (counter|gauge|histogram) \|/gm)];
  expect(typesOf(await look())).toEqual(rows.map(([, name, type]) => `${name} ${type}`).sort());
});

test('GET /v1/stats says what was done in a window where it is asked, to an org its own', async () => {
  const { server, acme } = await lab();
  await acme.finished();
  const asked = (token: string) => server.as(token).call('getStats', { query: { window: '1h' } });
  await expect.poll(async () => (await asked(acme.tokens.read)).figures?.jobs, { timeout: 30_000 }).toBe(1);
  const rival = await addOrg(server, 'rival');
  expect((await asked(rival.read)).figures).toMatchObject({ jobs: 0, orgs: [] });
  expect((await server.client.call('getStats', {})).figures).toBeUndefined();
});

test('promtool finds nothing wrong with it', async () => {
  const { acme, look } = await lab();
  await acme.finished();
  const { status, stdout, stderr, error } = spawnSync('promtool', ['check', 'metrics'], {
    input: await look(),
  });
  expect({ error, out: `${stdout}${stderr}`, status }).toEqual({ error: undefined, out: '', status: 0 });
});

test('what verbs do is counted once it is done', async () => {
  const { acme, look } = await lab();
  await acme.finished();
  const { fleet } = await acme.lease({ tests: ['b.spec.ts', 'c.spec.ts'] });
  const after = readSeries(await look());
  const sumOf = (name: string) =>
    [...after].filter(([one]) => one.startsWith(name)).reduce((sum, [, value]) => sum + value, 0);
  expect(sumOf('qgjob_runs_submitted_total')).toBe(2);
  expect(sumOf('qgjob_jobs_submitted_total')).toBe(3);
  expect(sumOf('qgjob_verdicts_total{verdict="passed"}')).toBe(1);
  expect(sumOf('qgjob_leases_total')).toBe(2);
  expect(sumOf('qgjob_job_wait_seconds_count')).toBe(1);
  expect(sumOf('qgjob_http_requests_total{method="POST",route="/v1/runs",status="201"}')).toBe(2);
  expect(sumOf('qgjob_db_commits_total')).toBeGreaterThan(5);
  expect(after.get('qgjob_db_writes_waiting')).toBe(0);

  expect(after.get(`qgjob_queue_jobs{target="${fleet.target}",state="leased"}`)).toBe(2);
  expect(after.get(`qgjob_devices{target="${fleet.target}",status="busy"}`)).toBe(1);
  expect(after.get('qgjob_devices{target="device/pool-1",status="idle"}')).toBe(1);
});

describe('who sees it', () => {
  test('the token of an org gets the figures of that org alone, without anything of the process', async () => {
    const { server, acme, look } = await lab();
    const rival = await addOrg(server, 'rival');
    await acme.submit();
    const own = await look(acme.tokens.read);
    expect(readSeries(own).get('qgjob_queue_jobs{target="emulator",state="queued"}')).toBe(1);
    expect(own).not.toMatch(/process_|nodejs_|_http_|_db_|qgjob_devices/);
    expect(readSeries(await look(rival.read)).size).toBe(0);
  });

  test('a shared token that reads sees all series, and no row of an org', async () => {
    const { server, acme, look } = await lab();
    const { run } = await acme.submit();
    const body = { name: 'prometheus', shared: true, scopes: ['read' as const] };
    const { token } = await server.client.call('createToken', { body });
    expect(typesOf(await look(token))).toEqual(typesOf(await look()));
    expectRefusal(await server.ask('getRun', { token, params: { id: run.run_id } }), 404, 'not_found');
    expect((await server.as(token).call('listRuns', {})).runs).toEqual([]);
    const refused = await server.ask('createToken', { body: { ...body, scopes: ['read', 'submit'] } });
    expectRefusal(refused, 400, 'invalid');
  });
});

test('no label comes from what a caller made up', async () => {
  const { server, acme, look } = await lab();
  await server.ask('getRun', { params: { id: 'run_made_up' } });
  await fetch(`${server.url}/made-up`);
  for (let n = 0; n < mostTargets + 5; n += 1)
    await acme.submit({ target: `device/made-up-${n}`, allow_no_device: true });
  const text = await look();
  expect(text).not.toMatch(/run_made_up|\/made-up"|acme/);
  expect(text).toContain('route="other"');
  const jobs = [...readSeries(text)].filter(([name]) => name.startsWith('qgjob_jobs_submitted_total'));
  expect(jobs.length).toBeLessThanOrEqual(mostTargets + 1);
  expect(jobs.reduce((sum, [, n]) => sum + n, 0)).toBe(mostTargets + 5);
});

test('a target has one label as long as the process lives', () => {
  const labelOf = createTargetLabels();
  const names = Array.from({ length: mostTargets * 2 }, (_, n) => `device/${n}`);
  const first = names.map(labelOf);
  expect(names.map(labelOf)).toEqual(first);
  expect(new Set([...first, 'emulator', 'device', 'browserstack', 'browser']).size).toBe(mostTargets + 1);
});

test('every server chooses the same labels for the gauges: targets with devices first, then by name', () => {
  const names = Array.from({ length: mostTargets * 2 }, (_, n) => `device/${String(n).padStart(3, '0')}`);
  const offered = names.slice(-3);
  const here = chooseLabels(offered, names);
  const there = chooseLabels(offered.toReversed(), names.toReversed());
  expect(names.map(here)).toEqual(names.map(there));
  expect(offered.map(here)).toEqual(offered);
  expect(new Set([...names, 'emulator', 'device', 'browserstack', 'browser'].map(here)).size).toBe(
    mostTargets + 1,
  );
  expect(here('device/000')).toBe('device/000');
  expect(here('device/096')).toBe('other');
});

test('names are of one kind: qgjob_ with a unit, counters end in _total', () => {
  const all = Object.values({ ...counters, ...timers, ...processMetrics, ...queueMetrics });
  const metrics = createMetricSet();
  for (const one of [...all, ...Object.values(nodeMetrics)]) metrics.gauge(one);
  for (const { name } of all) expect(name).toMatch(/^qgjob_[a-z_]+$/);
  for (const { name } of Object.values(counters)) expect(name).toMatch(/_total$/);
  for (const { name } of Object.values(timers)) expect(name).toMatch(/_seconds$/);
});
