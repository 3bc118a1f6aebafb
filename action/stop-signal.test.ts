import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { stopSignal } from './stop-signal.ts';

test.each([
  ['Linux and macOS', 'SIGINT', 'SIGTERM'],
  ['Windows', 'SIGINT', 'SIGBREAK'],
  ['Windows, for a step that missed Ctrl+C', 'SIGBREAK', 'SIGBREAK'],
])('on %s the first signal stops the step, and the second one ends it', (_, first, second) => {
  const process = new EventEmitter();
  const exit = vi.fn();
  const signal = stopSignal(process, exit);
  expect(signal.aborted).toBe(false);
  process.emit(first);
  expect(signal.aborted).toBe(true);
  expect(exit).not.toHaveBeenCalled();
  process.emit(second);
  expect(exit).toHaveBeenCalledOnce();
});
