import { expect, test } from 'vitest';
import { plansOf } from '../../../test/support/plans.ts';
import { anyOrg } from '../../../test/support/queue.ts';
import { attemptsOfDevice } from '../attempts/attempts-of-device.ts';
import { readTargets } from '../ledger/same-test.ts';
import type { Deps } from '../store/deps.ts';
import { agentsOf } from './agents-of.ts';
import { countDevices } from './count-devices.ts';
import { deviceNames } from './device-names.ts';
import { listDevices } from './list-fleet.ts';

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
  expect(plans.filter((step) => /^SCAN (?!last$|json_each|i VIRTUAL|\(subquery)/.test(step))).toEqual([]);
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
