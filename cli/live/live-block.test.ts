import { expect, test } from 'vitest';
import { displayWidth } from '../output/table.ts';
import { makeCounts, makeJob } from '../test-support/answers.ts';
import { LiveBlock } from './live-block.ts';
import { type LiveView, liveLines } from './live-lines.ts';

function openTerminal(columns: number) {
  const written: string[] = [];
  return { isTTY: true, columns, rows: 10, written, write: (text: string) => written.push(text) };
}

test('what was drawn is replaced, also by rows that a narrower terminal has wrapped', () => {
  const terminal = openTerminal(80);
  const block = new LiveBlock(terminal);
  block.draw(() => ['x'.repeat(70), 'bar']);
  terminal.columns = 40;
  block.draw(() => ['y', 'bar']);
  block.clear();
  block.clear();
  const up = (rows: number) => `\r\u001b[${rows}A\u001b[J`;
  expect(terminal.written).toEqual([`${'x'.repeat(70)}\nbar`, `${up(2)}y\nbar`, up(1)]);
});

test('no line is wider than the terminal, and there are no more than it has rows', () => {
  const terminal = openTerminal(20);
  new LiveBlock(terminal).draw(() => Array.from({ length: 30 }, () => '漢'.repeat(30)));
  const lines = terminal.written.join('').split('\n');
  expect(lines).toHaveLength(9);
  for (const line of lines) expect(displayWidth(line)).toBeLessThan(20);
});

test('where this is no terminal nothing is written', () => {
  const terminal = { ...openTerminal(80), isTTY: false };
  const block = new LiveBlock(terminal);
  block.draw(() => ['line']);
  block.clear();
  expect(terminal.written).toEqual([]);
});

const started = '2026-01-01T10:00:00.000Z';
const running = (path: string, device: string) =>
  makeJob({
    ...{ status: 'running', outcome: null, test_path: path, device_id: device },
    ...{ started_at: started, finished_at: null },
  });

const view: LiveView = {
  counts: makeCounts({ passed: 1, running: 2, queued: 1 }),
  elapsedMs: 75_000,
  now: Date.parse(started) + 72_000,
  running: [running('tests/cart.spec.ts', 'dev_1'), running('tests/pay.spec.ts', 'dev_2')],
  slowest: makeJob({ duration_ms: 6400, test_path: 'tests/slow.spec.ts' }),
  queue: undefined,
  nameOf: (id) => (id === 'dev_1' ? 'pixel-8' : undefined),
};

test('each running test has a line with its device and its time, the bar is last', () => {
  expect(liveLines(view, 80, 24)).toEqual([
    expect.stringMatching(/^ {2}tests\/cart\.spec\.ts +pixel-8 +1:12$/),
    expect.stringMatching(/^ {2}tests\/pay\.spec\.ts +emulator +1:12$/),
    '  slowest so far: 6.4 s  tests/slow.spec.ts',
    expect.stringMatching(/^\[#{6}-{18}\] 1:15 {2}1 of 4 done/),
  ]);
});

test('a small terminal shows less: no device, fewer tests, at last the bar alone', () => {
  expect(liveLines(view, 40, 24)[0]).toMatch(/^ {2}tests\/cart\.spec\.ts +1:12$/);
  const many = { ...view, running: Array.from({ length: 30 }, () => running('a.ts', 'dev_1')) };
  expect(liveLines(many, 80, 24)).toHaveLength(8 + 1 + 1 + 1);
  expect(liveLines(many, 80, 24)).toContain('  and 22 more running');
  expect(liveLines(many, 80, 2)).toHaveLength(1);
});

test('while nothing runs the place in the queue is shown', () => {
  const queue = 'number 3 in its queue, should start in about 2m';
  expect(liveLines({ ...view, running: [], slowest: undefined, queue }, 80, 24)[0]).toBe(`  ${queue}`);
});
