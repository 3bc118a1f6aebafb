import { expect, test } from 'vitest';
import { noCounter, sumOf } from './fsyncs.ts';

test('both calls of a report of perf are added, and what it says besides is left out', () => {
  const said = [
    'Events disabled',
    'Events enabled',
    '20,,syscalls:sys_enter_fsync,40296345,100.00,,',
    '100,,syscalls:sys_enter_fdatasync,40296345,100.00,,',
    '',
  ];
  expect(sumOf(said.join('\n'))).toBe(120);
});

test('a call that never came counts as none', () => {
  expect(
    sumOf('<not counted>,,syscalls:sys_enter_fsync,0,100.00,,\n3,,syscalls:sys_enter_fdatasync,1,100.00,,'),
  ).toBe(3);
});

test('where nothing counts, the work is done and its result is given', async () => {
  expect(await noCounter.during(async () => 'done')).toEqual({ result: 'done', fsyncs: undefined });
});
