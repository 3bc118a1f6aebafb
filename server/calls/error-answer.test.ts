import { describe, expect, test } from 'vitest';
import { type ErrorCode, errorTable, QgjobError } from '../../protocol/errors.ts';
import { errorAnswer } from './error-answer.ts';

const codes = Object.keys(errorTable) as ErrorCode[];

describe.each(codes)('%s', (code) => {
  const { status } = errorTable[code];
  const answer = errorAnswer(new QgjobError(code, 'what is wrong', { details: { size: 4 } }), 'r1');

  test('has its status, its message and its request id', () => {
    const isInternal = code === 'internal';
    expect(answer.status).toBe(status);
    expect(answer.headers['x-request-id']).toBe('r1');
    expect(answer.body.error).toEqual({
      code,
      message: isInternal ? "an internal error; its detail is in the server's log under r1" : 'what is wrong',
      ...(!isInternal && { details: { size: 4 } }),
      request_id: 'r1',
    });
  });

  test('says when to come again where that helps, and how to sign in', () => {
    expect(answer.headers['retry-after']).toBe([429, 503].includes(status) ? '1' : undefined);
    expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined);
  });
});

test('of what was not foreseen the caller learns nothing', () => {
  const { status, body } = errorAnswer(new Error('SELECT secret FROM tokens'), 'r1');
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain('SELECT');
});

test.each([
  ['a\nb\r\n\tc', 'a b c'],
  ['a\u001b[31mred\u001b[0m', 'ared'],
  ['a\u2028b\u0085c\u0000d', 'a b cd'],
  ['\ud800', '\ufffd'],
  ['x'.repeat(600), `${'x'.repeat(499)}…`],
])('the message %j is one line: %j', (given, shown) => {
  expect(errorAnswer(new QgjobError('invalid', given), 'r1').body.error.message).toBe(shown);
});
