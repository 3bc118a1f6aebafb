import { expect, test } from 'vitest';
import { IntakeGate, Renewal } from './intake-gate.ts';

const never = new AbortController().signal;

test('an open gate lets through at once, a closed one when it opens', async () => {
  const gate = new IntakeGate();
  await gate.whenOpen(never);
  gate.set(false);
  expect(gate.closed.aborted).toBe(true);
  const through = gate.whenOpen(never);
  gate.set(true);
  await through;
  expect(gate.closed.aborted).toBe(false);
});

test('an abort ends a wait at a closed gate', async () => {
  const gate = new IntakeGate();
  gate.set(false);
  const stop = new AbortController();
  const waiting = gate.whenOpen(stop.signal);
  stop.abort();
  await waiting;
  await gate.whenOpen(stop.signal);
});

test('a renewal is fresh for five sixths of the time to live, from when it was sent', () => {
  let now = 0;
  const renewal = new Renewal(() => now);
  renewal.mark(0, 60_000);
  now = 49_999;
  expect(renewal.fresh()).toBe(true);
  now = 50_000;
  expect(renewal.fresh()).toBe(false);
});

test('a call that was sent long ago renews nothing, a later one ends the waits', async () => {
  let now = 0;
  const renewal = new Renewal(() => now);
  renewal.mark(0, 60_000);
  now = 100_000;
  let woken = false;
  const waiting = renewal.whenFresh(never).then(() => {
    woken = true;
  });
  renewal.mark(10_000);
  await Promise.resolve();
  expect(woken).toBe(false);
  renewal.mark(90_000);
  await waiting;
});

test('an abort ends the wait for a renewal', async () => {
  let now = 0;
  const renewal = new Renewal(() => now);
  renewal.mark(0, 60_000);
  now = 100_000;
  const stop = new AbortController();
  const waiting = renewal.whenFresh(stop.signal);
  stop.abort();
  await waiting;
});
