import { expect, test } from 'vitest';
import type { HeartbeatAnswer } from '../../protocol/shapes/agent.ts';
import { HeartbeatNews } from './heartbeat-news.ts';

const answer = (drain: boolean, leases: HeartbeatAnswer['leases'] = []): HeartbeatAnswer => ({
  leases,
  drain,
});
const lease = (status: 'active' | 'lost', cancel: string[] = []) => [
  { lease_id: 'lease-1', status, expires_at: null, cancel },
];

test('a drain is news until it was sent, and so is its end', () => {
  const news = new HeartbeatNews();
  expect(news.has('boot', answer(false))).toBe(false);
  expect(news.has('boot', answer(true))).toBe(true);
  news.sent('boot', answer(true));
  expect(news.has('boot', answer(true))).toBe(false);
  expect(news.has('boot', answer(false))).toBe(true);
  news.sent('boot', answer(false));
  expect(news.has('boot', answer(false))).toBe(false);
  expect(news.has('boot', answer(true))).toBe(true);
});

test('a cancel and a lost lease are news once each, to each boot', () => {
  const news = new HeartbeatNews();
  const steps = [answer(false, lease('active', ['job-1'])), answer(false, lease('lost'))];
  for (const step of steps) {
    expect(news.has('boot', step)).toBe(true);
    news.sent('boot', step);
    expect([news.has('boot', step), news.has('another', step)]).toEqual([false, true]);
  }
});
