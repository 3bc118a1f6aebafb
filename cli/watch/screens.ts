import { isDeepStrictEqual } from 'node:util';
import { now } from '../clock.ts';
import { LiveBlock, type Terminal } from '../live/live-block.ts';
import { print, printJson, say } from '../output/print.ts';
import type { View } from './view.ts';

/** Where a watch shows what it reads. */
export interface Screen {
  show(view: View): void;
  /** The server does not answer. */
  lost(why: string): void;
  close(): void;
}

/** Says once that the server is away, and once that it is back. */
class Link {
  #isLost = false;

  lost(why: string): string | undefined {
    if (this.#isLost) return undefined;
    this.#isLost = true;
    return `qgjob: ${why} (trying again)`;
  }

  back(): string | undefined {
    if (!this.#isLost) return undefined;
    this.#isLost = false;
    return 'the server answers again';
  }
}

const sayIf = (line: string | undefined): void => void (line !== undefined && say(line));

/** One JSON document a line for each change. */
export class JsonScreen implements Screen {
  readonly #link = new Link();
  #shown: unknown;
  #isFirst = true;

  show({ json, changes = json }: View): void {
    sayIf(this.#link.back());
    if (!this.#isFirst && isDeepStrictEqual(changes, this.#shown)) return;
    [this.#shown, this.#isFirst] = [changes, false];
    printJson(json);
  }

  lost(why: string): void {
    sayIf(this.#link.lost(why));
  }

  close(): void {}
}

/** For files and pipes: all lines anew for each change, after an empty one. */
export class LineScreen implements Screen {
  readonly #link = new Link();
  #shown: unknown;
  #notes: readonly string[] = [];
  #isFirst = true;

  show({ lines, json, changes = json, notes = [], warnings = [] }: View): void {
    sayIf(this.#link.back());
    if (!this.#isFirst && isDeepStrictEqual(changes, this.#shown)) return;
    if (!this.#isFirst) print('');
    [this.#shown, this.#isFirst] = [changes, false];
    for (const line of lines(undefined)) print(line);
    const said = [...notes, ...warnings];
    if (!isDeepStrictEqual(said, this.#notes)) for (const line of said) say(line);
    this.#notes = said;
  }

  lost(why: string): void {
    sayIf(this.#link.lost(why));
  }

  close(): void {}
}

interface ResizableTerminal extends Terminal {
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/** A terminal: redrawn in place, within its size. */
export class TerminalScreen implements Screen {
  readonly #terminal: ResizableTerminal;
  readonly #block: LiveBlock;
  readonly #link = new Link();
  readonly #onResize = (): void => this.#draw();
  #view: View | undefined;
  #at = '';
  #text = '';
  #why: string | undefined;

  constructor(terminal: ResizableTerminal = process.stdout) {
    this.#terminal = terminal;
    this.#block = new LiveBlock(terminal);
  }

  get isLive(): boolean {
    return this.#block.isLive;
  }

  show(view: View): void {
    if (this.#view === undefined) this.#terminal.on('resize', this.#onResize);
    const wasLost = this.#link.back() !== undefined;
    const text = [...view.lines(undefined), ...(view.notes ?? [])].join('\n');
    [this.#why, this.#view] = [undefined, view];
    if (text === this.#text && !wasLost) return;
    if (text !== this.#text) this.#at = new Date(now()).toTimeString().slice(0, 8);
    this.#text = text;
    this.#draw();
  }

  lost(why: string): void {
    if (this.#link.lost(why) === undefined) return;
    this.#why = why;
    this.#draw();
  }

  /** What was seen last stays. */
  close(): void {
    this.#terminal.off('resize', this.#onResize);
    this.#block.leave();
  }

  #draw(): void {
    const { lines, notes = [], warnings = [] } = this.#view ?? { lines: () => [] };
    const foot =
      this.#why === undefined ? `as of ${this.#at}; Ctrl-C ends` : `as of ${this.#at}; ${this.#why}`;
    this.#block.draw((columns, rows) => {
      const all = [...lines(columns - 1), ...notes, ...warnings];
      const room = Math.max(1, rows - 1);
      const hidden = all.length - room + 1;
      const shown = all.length <= room ? all : [...all.slice(0, room - 1), `… and ${hidden} more lines`];
      return [...shown, foot];
    });
  }
}
