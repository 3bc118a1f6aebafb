import { expect, test } from 'vitest';
import { QgjobError } from '../protocol/errors.ts';
import { adviseNoDevice, warningsOf } from './submit-words.ts';

const noDevice = (message: string, details?: Record<string, unknown>) =>
  (adviseNoDevice(new QgjobError('no_device', message, details && { details }), '--allow-no-device') as Error)
    .message;

test.each([
  [
    'no device has ever offered device/pixel-9',
    undefined,
    'no device has ever offered device/pixel-9; to queue it all the same and wait for such a device: --allow-no-device',
  ],
  [
    'none; near: device/pixel-8. Queue it with allow_no_device: true',
    { near: ['device/pixel-8'] },
    'none; near: device/pixel-8. Queue it with --allow-no-device',
  ],
  [
    'none.',
    { target: 'device', near: ['device/pixel-8', 'device/pixel-7'] },
    'none.; near it are device/pixel-8, device/pixel-7; to queue it all the same and wait for such a device: --allow-no-device',
  ],
])('%j gets the pools near it and the way to queue all the same', (message, details, words) => {
  expect(noDevice(message, details)).toBe(words);
});

test('other errors stay as they are', () => {
  for (const error of [new QgjobError('invalid', 'x'), new Error('x'), 'x']) {
    expect(adviseNoDevice(error, '--allow-no-device')).toBe(error);
  }
});

test.each([
  [{}, []],
  [{ warnings: 'no' }, []],
  [{ warnings: ['a', 1, ' ', null, 'b'] }, ['a', 'b']],
])('of %j the warnings are %j', (answer, warnings) => {
  expect(warningsOf(answer)).toEqual(warnings);
});
