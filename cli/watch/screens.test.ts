import { EventEmitter } from 'node:events';
import { expect, onTestFinished, test, vi } from 'vitest';
import { JsonScreen, LineScreen, TerminalScreen } from './screens.ts';
import type { View } from './view.ts';

class FakeTerminal extends EventEmitter {
  readonly isTTY = true;
  columns = 40;
  rows = 6;
  readonly written: string[] = [];
  write(text: string): void {
    this.written.push(text);
  }
}

const viewOf = (...lines: string[]): View => ({ json: lines, lines: () => lines });

/** A clock that stands, unless it is set. */
function stopClock(): void {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date(2026, 0, 1, 10, 0, 0) });
  onTestFinished(() => void vi.useRealTimers());
}

test('a terminal is redrawn in place, and its foot has the instant of the last answer', () => {
  stopClock();
  const terminal = new FakeTerminal();
  const screen = new TerminalScreen(terminal);
  screen.show(viewOf('a'));
  screen.show(viewOf('a'));
  screen.show(viewOf('b'));
  vi.setSystemTime(new Date(2026, 0, 1, 10, 0, 7));
  screen.show(viewOf('b'));
  screen.close();
  expect(terminal.written).toEqual([
    'a\nas of 10:00:00; Ctrl-C ends',
    '\r\u001b[1A\u001b[Jb\nas of 10:00:00; Ctrl-C ends',
    '\r\u001b[1A\u001b[Jb\nas of 10:00:07; Ctrl-C ends',
    '\n',
  ]);
  expect(terminal.listenerCount('resize')).toBe(0);
});

test('more lines than the terminal has are counted, and a resize shows as many as fit then', () => {
  const terminal = new FakeTerminal();
  const screen = new TerminalScreen(terminal);
  screen.show(viewOf('1', '2', '3', '4', '5', '6', '7'));
  expect(terminal.written[0]?.split('\n').slice(0, -1)).toEqual(['1', '2', '3', '… and 4 more lines']);
  terminal.rows = 20;
  terminal.emit('resize');
  expect(terminal.written[1]).toMatch(/1\n2\n3\n4\n5\n6\n7\nas of/);
});

test('a server that is away is said in the last line, why it is so now, and what was known stays', () => {
  stopClock();
  const terminal = new FakeTerminal();
  const screen = new TerminalScreen(terminal);
  screen.show(viewOf('a'));
  screen.lost('no answer');
  screen.lost('no answer');
  screen.lost('a page of a proxy');
  screen.show(viewOf('a'));
  screen.show(viewOf('a'));
  expect(terminal.written).toHaveLength(4);
  expect(terminal.written[1]).toMatch(/a\nas of [\d:]+; no answer$/);
  expect(terminal.written[2]).toMatch(/a\nas of [\d:]+; a page of a proxy$/);
  expect(terminal.written[3]).toMatch(/a\nas of [\d:]+; Ctrl-C ends$/);
});

test('without a terminal each reason of an outage is said once, and so is a warning that is new', () => {
  const said: string[] = [];
  const [out, err] = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((text) => said.push(String(text)) > 0),
  );
  onTestFinished(() => [out, err].forEach((spy) => void spy?.mockRestore()));
  for (const screen of [new LineScreen(), new JsonScreen()]) {
    screen.show(viewOf('a'));
    for (const why of ['no answer', 'a proxy', 'no answer']) screen.lost(why);
    screen.show({ ...viewOf('a'), warnings: ['old'] });
    screen.show({ ...viewOf('a'), warnings: ['old'] });
    expect(said.splice(0)).toEqual([
      expect.stringContaining('a'),
      'qgjob: no answer (trying again)\n',
      'qgjob: a proxy (trying again)\n',
      'the server answers again\n',
      'old\n',
    ]);
  }
});
