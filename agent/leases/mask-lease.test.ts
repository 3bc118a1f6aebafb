import { expect, test } from 'vitest';
import type { Lease } from '../../protocol/shapes/agent.ts';
import { createMasks } from '../logs/masks.ts';
import { maskLease } from './mask-lease.ts';

const params = {
  PASSWORD: 'hunter22',
  DATABASE_URL: 'postgres://app:pass-word@db/x',
  LOCALE: 'de-Latn-DE',
  API_TOKEN: 'disabled',
};
const text = 'lease-token hunter22 pass-word de-Latn-DE disabled';

test('the token of a lease, its secret params and the secrets inside of others are masked until it ends', () => {
  const masks = createMasks([]);
  const unmask = maskLease(masks, { token: 'lease-token', params } as unknown as Lease);
  expect(masks.redact(text)).toBe('[redacted] [redacted] [redacted] de-Latn-DE disabled');
  unmask();
  expect(masks.redact(text)).toBe(text);
});

test('a lease without params has its token masked', () => {
  const masks = createMasks([]);
  maskLease(masks, { token: 'lease-token' } as unknown as Lease);
  expect(masks.redact(text)).toBe('[redacted] hunter22 pass-word de-Latn-DE disabled');
});
