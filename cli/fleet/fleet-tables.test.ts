import { expect, test } from 'vitest';
import type { Agent, Device } from '../../protocol/shapes/fleet.ts';
import { agentTable, deviceTable, groupTable } from './fleet-tables.ts';

const agent: Agent = {
  agent_id: 'agt_1',
  name: 'rack-1',
  version: '0.1.0',
  status: 'online',
  devices: ['dev_1', 'dev_2'],
  last_seen_at: '2026-11-24T10:15:03.120Z',
  drain: false,
};
const device: Device = {
  device_id: 'dev_1',
  agent_id: 'agt_1',
  name: 'pixel-8',
  target: 'device',
  owner: 'shared',
  status: 'busy',
  status_reason: null,
  installed: { org_id: 'acme', app_version_id: 'v1' },
  lease_id: 'lse_1',
  job_id: 'job_1',
  ...{ borrowed_by: null, borrowed_until: null, borrow_note: null, borrow_id: null },
};

test('a device shows its agent, its app and its job; one that is benched says why', () => {
  const benched = {
    ...device,
    name: 'pixel-9',
    status: 'benched',
    status_reason: 'its battery is at 4 % (15 % needed)',
    installed: null,
    job_id: null,
    ...{ borrowed_by: null, borrowed_until: null, borrow_note: null, borrow_id: null },
  } as const;
  expect(deviceTable([device, benched], [agent], undefined)).toEqual([
    'DEVICE   AGENT   TARGET  STATUS   APP VERSION  JOB, OR WHY NONE',
    'pixel-8  rack-1  device  busy     v1           job_1',
    'pixel-9  rack-1  device  benched               its battery is at 4 % (15 % needed)',
  ]);
});

test('the tables fit a narrow terminal', () => {
  const long = { ...device, status: 'benched', status_reason: 'x'.repeat(200) } as const;
  for (const line of deviceTable([long], [agent], 80)) expect(line.length).toBeLessThanOrEqual(80);
});

test('agents and groups are tables too, and nothing at all where there is none', () => {
  expect(agentTable([agent], undefined)).toEqual([
    'AGENT   STATUS  DEVICES  VERSION  LAST SEEN',
    'rack-1  online  2        0.1.0    2026-11-24 10:15:03',
  ]);
  const group = {
    ...{ org_id: 'acme', app_version_id: 'v1', target: 'device', queued: 12, running: 3, devices: ['dev_1'] },
    ...{ oldest_submitted_at: '2026-11-24T10:15:03.120Z', priority: 5 },
  };
  expect(groupTable([group], undefined)).toEqual([
    'APP VERSION  TARGET  ORG   QUEUED  RUNNING  DEVICES  OLDEST SUBMITTED',
    'v1           device  acme  12      3        1        2026-11-24 10:15:03',
  ]);
  expect([agentTable([], 80), groupTable([], 80), deviceTable([], [], 80)]).toEqual([[], [], []]);
});
