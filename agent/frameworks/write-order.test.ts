import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../test-support/host.ts';
import { writeOrder } from './write-order.ts';

test('orders stand one a line', () => {
  const path = join(makeWorkspace(), 'orders');
  writeOrder(path, { order: 'end-rest' });
  writeOrder(path, { order: 'end', file: 'ä' });
  expect(readFileSync(path, 'utf8')).toBe('{"order":"end-rest"}\n{"order":"end","file":"ä"}\n');
});

test('a test that puts a FIFO in their place stops nothing, with a reader or without', () => {
  const path = join(makeWorkspace(), 'orders');
  execFileSync('mkfifo', [path]);
  writeOrder(path, { order: 'end-rest' });
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  writeOrder(path, { order: 'end-rest' });
  expect(readSync(reader, Buffer.alloc(10))).toBe(0);
  closeSync(reader);
});

test('nothing is written through a link in their place', () => {
  const root = makeWorkspace({ profile: 'mine' });
  symlinkSync(join(root, 'profile'), join(root, 'orders'));
  writeOrder(join(root, 'orders'), { order: 'end-rest' });
  expect(readFileSync(join(root, 'profile'), 'utf8')).toBe('mine');
});
