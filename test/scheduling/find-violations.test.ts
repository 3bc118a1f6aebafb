import { expect, test } from 'vitest';
import { findViolations } from './find-violations.ts';
import type { FarmJob, Span, Workload } from './model.ts';

const job = (id: string, given: Partial<FarmJob> = {}): FarmJob => ({
  id,
  run: 'r',
  org: 'acme',
  app: 'v1',
  target: 'device',
  priority: 5,
  arrival: 10,
  est: 20,
  setup: 30,
  ...given,
});

const workload: Workload = {
  devices: [
    { id: 'd0', target: 'device' },
    { id: 'd1', target: 'emulator' },
  ],
  runs: [{ id: 'r', org: 'acme', arrival: 10, jobs: [job('a'), job('b')] }],
  seconds: new Map(),
};

const install = (device: string, from: number, app = 'v1'): Span => ({
  device,
  from,
  to: from + 30,
  installs: `acme ${app} device`,
});
const run = (device: string, id: string, from: number): Span => ({ device, from, to: from + 20, job: id });

test('a legal log has no violations, in any order', () => {
  expect(findViolations(workload, [run('d0', 'b', 60), run('d0', 'a', 40), install('d0', 10)])).toEqual([]);
});

test.each<[string, Span[], string[]]>([
  ['a job that never ran', [install('d0', 10), run('d0', 'a', 40)], ['b never ran']],
  [
    'a job that ran twice',
    [install('d0', 10), run('d0', 'a', 40), run('d0', 'b', 60), run('d0', 'b', 80)],
    ['b ran twice'],
  ],
  [
    'two jobs at once',
    [install('d0', 10), run('d0', 'a', 40), run('d0', 'b', 50)],
    ['b started on a busy device'],
  ],
  [
    'a job during the install',
    [install('d0', 10), run('d0', 'a', 39), run('d0', 'b', 60)],
    ['a started on a busy device'],
  ],
  [
    'a job without its app',
    [install('d0', 10, 'v2'), run('d0', 'a', 40), install('d0', 60), run('d0', 'b', 90)],
    ['a ran without its app'],
  ],
  [
    'a job on another target',
    [install('d0', 10), run('d0', 'a', 40), install('d1', 10), run('d1', 'b', 40)],
    ['b ran on a device of emulator'],
  ],
  [
    'a job before its arrival',
    [install('d0', -30), run('d0', 'a', 0), run('d0', 'b', 20)],
    ['the install of acme v1 device started on a busy device', 'a ran before its arrival'],
  ],
])('%s is found', (_name, spans, violations) => {
  expect(findViolations(workload, spans)).toEqual(violations);
});
