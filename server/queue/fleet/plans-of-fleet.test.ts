import { createClient, type InArgs } from '@libsql/client';
import { expect, onTestFinished, test } from 'vitest';
import { anyOrg, copyTemplate, openTestQueue } from '../../../test/support/queue.ts';
import { attemptsOfDevice } from '../attempts/attempts-of-device.ts';
import { readTargets } from '../ledger/same-test.ts';
import type { Deps } from '../store/deps.ts';
import { agentsOf } from './agents-of.ts';
import { countDevices } from './count-devices.ts';
import { deviceNames } from './device-names.ts';
import { listDevices } from './list-fleet.ts';

/** The steps of the plans of all that this reads, as SQLite tells them. */
async function plansOf(read: (deps: Deps) => Promise<unknown>): Promise<string[]> {
  const { deps } = await openTestQueue();
  const seen: { sql: string; args: InArgs }[] = [];
  const note = (sql: string, args: InArgs = []) => {
    seen.push({ sql: `EXPLAIN QUERY PLAN ${sql}`, args });
    return deps.sql.read(sql, args);
  };
  await read({ ...deps, sql: Object.create(deps.sql, { read: { value: note } }) });
  const client = createClient({ url: `file:${copyTemplate()}` });
  onTestFinished(() => client.close());
  const plans = await client.batch(seen, 'read');
  return plans.flatMap(({ rows }) => rows.map(({ detail }) => String(detail)));
}

const aTest = {
  ...{ test_id: 'tst_1', org_id: 'acme', repository_id: '', target: 'emulator', test_path: 'a', file: null },
  ...{ title: null, case_id: null, jobs: { passed: 1, flaky: 0, failed: 0 }, flakiness: null },
  ...{
    p50_ms: null,
    p95_ms: null,
    first_run_at: '',
    last_run_at: '',
    last_failed_at: null,
    quarantine: null,
  },
};

test.each([
  ['agents by their ids', (deps: Deps) => agentsOf(deps, ['agt_1'])],
  ['names of devices', (deps: Deps) => deviceNames(deps, ['dev_1'])],
  ['the last attempts of a device', (deps: Deps) => attemptsOfDevice(deps, 'dev_1', 25, { orgId: 'acme' })],
  ['a test on its targets', (deps: Deps) => readTargets(deps, aTest)],
])('%s are found by an index, however many rows there are', async (_, read) => {
  const plans = await plansOf(read);
  expect(plans.length).toBeGreaterThan(0);
  expect(plans.filter((step) => /^SCAN (?!a$|json_each|i VIRTUAL|\(subquery)/.test(step))).toEqual([]);
  expect(plans.some((step) => /^SEARCH .* USING .*INDEX/.test(step))).toBe(true);
});

test.each([
  ['the list of devices', (deps: Deps) => listDevices(deps, { status: 'benched' }, anyOrg)],
  ['the count of devices', (deps: Deps) => countDevices(deps, anyOrg)],
])('%s reads the devices alone, and all else by an index', async (_, read) => {
  const plans = await plansOf(read);
  const scans = plans.filter((step) => step.startsWith('SCAN '));
  expect(scans.filter((step) => !/^SCAN d( |$)/.test(step))).toEqual([]);
});
