import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { TerminalScreen } from './screens.ts';
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

test('a terminal is redrawn in place, and only when something has changed', () => {
  const terminal = new FakeTerminal();
  const screen = new TerminalScreen(terminal);
  screen.show(viewOf('a'));
  screen.show(viewOf('a'));
  screen.show(viewOf('b'));
  screen.close();
  const foot = expect.stringMatching(/as of \d\d:\d\d:\d\d; Ctrl-C ends$/);
  expect(terminal.written).toEqual([foot, foot, '\n']);
  expect(terminal.written[0]).toMatch(/^a\n/);
  expect(terminal.written[1]?.startsWith('\r\u001b[1A\u001b[Jb\n')).toBe(true);
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

test('a server that is away is said in the last line, once, and what was known stays', () => {
  const terminal = new FakeTerminal();
  const screen = new TerminalScreen(terminal);
  screen.show(viewOf('a'));
  screen.lost('no answer');
  screen.lost('no answer');
  screen.show(viewOf('a'));
  screen.show(viewOf('a'));
  expect(terminal.written).toHaveLength(3);
  expect(terminal.written[1]).toMatch(/a\nas of [\d:]+; no answer$/);
  expect(terminal.written[2]).toMatch(/a\nas of [\d:]+; Ctrl-C ends$/);
});
