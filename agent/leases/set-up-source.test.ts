import { expect, test } from 'vitest';
import type { ChildEnd } from '../children/run-child.ts';
import { setUpFailure } from './set-up-source.ts';

const end = (more: Partial<ChildEnd>): ChildEnd => ({ code: 0, signal: null, durationMs: 1, ...more });

const cases: [what: string, end: Partial<ChildEnd>, lines: string, failure: string | undefined][] = [
  ['it worked', {}, 'npm warn ENOTFOUND', undefined],
  ['a lock file that does not fit', { code: 1 }, 'npm error code EUSAGE', 'rejected'],
  ['a registry that cannot be reached', { code: 1 }, 'npm error code ENOTFOUND', 'infra_error'],
  ['a registry with an error of its own', { code: 1 }, 'npm error code E503', 'infra_error'],
  ['a full disk', { code: 1 }, 'npm error ENOSPC: no space left on device', 'infra_error'],
  ['no npm on this host', { code: null, failure: 'cannot start npm: it is not there' }, '', 'infra_error'],
  ['a shell without the program', { code: 127 }, 'sh: pnpm: not found', 'infra_error'],
  ['killed from outside', { code: null, signal: 'SIGKILL' }, '', 'infra_error'],
  ['too long', { code: null, signal: 'SIGTERM', stopped: 'timeout' }, '', 'infra_error'],
  ['a lost lease', { code: null, signal: 'SIGTERM', stopped: 'lost' }, '', 'stopped'],
  ['an agent that ends', { code: null, signal: 'SIGKILL', stopped: 'interrupted' }, '', 'stopped'],
];

test.each(cases)('a set-up: %s', (_what, more, lines, failure) => {
  expect(setUpFailure(end(more), 'the set-up', lines, 1000)?.class).toBe(failure);
});
