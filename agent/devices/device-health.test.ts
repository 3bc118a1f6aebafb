import { expect, test } from 'vitest';
import { DeviceHealth } from './device-health.ts';
import type { Fault } from './fault.ts';

const gone: Fault = { why: 'it is gone', breaksTests: true };
const flat = (percent: number): Fault => ({ why: `its battery is at ${percent} %`, breaksTests: false });
const never = new AbortController().signal;

test('who waits for a device waits through one fault after another, until there is none', async () => {
  const health = new DeviceHealth();
  health.note(gone, 1);
  let isWell = false;
  const waiting = health.whenWell(never).then(() => {
    isWell = true;
  });
  health.note(flat(4), 2);
  await Promise.resolve();
  expect(isWell).toBe(false);
  health.note(undefined, 3);
  await waiting;
});

test('a wait ends when it is told to', async () => {
  const health = new DeviceHealth();
  health.note(gone, 1);
  const over = new AbortController();
  const waiting = health.whenWell(over.signal);
  over.abort();
  await waiting;
  expect(health.fault).toBe(gone);
});

test('other numbers are nothing new, another fault is, and so is the end of it', () => {
  const health = new DeviceHealth();
  expect(health.note(undefined, 1)).toBe(false);
  expect(health.note(flat(4), 2)).toBe(true);
  expect(health.note(flat(5), 3)).toBe(false);
  expect(health.note(gone, 4)).toBe(true);
  expect(health.note(undefined, 5)).toBe(true);
});

test('a fault stops requests, one that breaks tests also what runs; both begin anew when it is over', () => {
  const health = new DeviceHealth();
  const { fell, broke } = health;
  health.note(flat(4), 1);
  expect([fell.aborted, broke.aborted]).toEqual([true, false]);
  health.note(gone, 2);
  expect(broke.reason).toBe('interrupted');
  health.note(undefined, 3);
  expect([health.fell.aborted, health.broke.aborted]).toEqual([false, false]);
});

test('what broke a test is known after the device is well again', () => {
  const health = new DeviceHealth();
  health.note(gone, 10);
  health.note(undefined, 20);
  expect([health.brokenSince(5), health.brokenSince(10), health.brokenSince(11)]).toEqual([
    'it is gone',
    'it is gone',
    undefined,
  ]);
});
