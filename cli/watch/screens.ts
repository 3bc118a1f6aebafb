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

/** Says once that the server is away, each reason once, and once that it is back. */
class Link {
  readonly #said = new Set<string>();

  lost(why: string): string | undefined {
    if (this.#said.has(why)) return undefined;
    this.#said.add(why);
    return `qgjob: ${why} (trying again)`;
  }

  back(): string | undefined {
    if (this.#said.size === 0) return undefined;
    this.#said.clear();
    return 'the server answers again';
  }
}

const sayIf = (line: string | undefined): void => void (line !== undefined && say(line));

/** One JSON document a line for each change. */
export class JsonScreen implements Screen {
  readonly #link = new Link();
  #shown: unknown;
  #warnings: readonly string[] = [];
  #isFirst = true;

  show({ json, changes = json, warnings = [] }: View): void {
    sayIf(this.#link.back());
    if (this.#isFirst || !isDeepStrictEqual(changes, this.#shown)) printJson(json);
    [this.#shown, this.#isFirst] = [changes, false];
    if (!isDeepStrictEqual(warnings, this.#warnings)) for (const line of warnings) say(line);
    this.#warnings = warnings;
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
  #warnings: readonly string[] = [];
  #isFirst = true;

  show({ lines, json, changes = json, notes = [], warnings = [] }: View): void {
    sayIf(this.#link.back());
    const said = [...notes, ...warnings];
    const isSame = !this.#isFirst && isDeepStrictEqual(changes, this.#shown);
    // A note may tell of the time that goes by; a warning is worth a line of its own.
    if (isSame && isDeepStrictEqual(warnings, this.#warnings)) return;
    if (!isSame) {
      if (!this.#isFirst) print('');
      for (const line of lines(undefined)) print(line);
    }
    [this.#shown, this.#isFirst, this.#warnings] = [changes, false, warnings];
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
  readonly #onResize = (): void => this.#draw();
  #view: View | undefined;
  /** Of the last answer. */
  #at = '';
  #why: string | undefined;
  #text = '';

  constructor(terminal: ResizableTerminal = process.stdout) {
    this.#terminal = terminal;
    this.#block = new LiveBlock(terminal);
  }

  get isLive(): boolean {
    return this.#block.isLive;
  }

  show(view: View): void {
    if (this.#view === undefined) this.#terminal.on('resize', this.#onResize);
    [this.#why, this.#view] = [undefined, view];
    this.#at = new Date(now()).toTimeString().slice(0, 8);
    this.#drawNew();
  }

  lost(why: string): void {
    this.#why = why;
    this.#drawNew();
  }

  /** What was seen last stays. */
  close(): void {
    this.#terminal.off('resize', this.#onResize);
    this.#block.leave();
  }

  #drawNew(): void {
    const { lines, notes = [], warnings = [] } = this.#view ?? { lines: () => [] };
    const text = [...lines(undefined), ...notes, ...warnings, this.#foot].join('\n');
    if (text !== this.#text) this.#draw();
    this.#text = text;
  }

  get #foot(): string {
    return `as of ${this.#at}; ${this.#why ?? 'Ctrl-C ends'}`;
  }

  #draw(): void {
    const { lines, notes = [], warnings = [] } = this.#view ?? { lines: () => [] };
    this.#block.draw((columns, rows) => {
      const all = [...lines(columns - 1), ...notes, ...warnings];
      const room = Math.max(1, rows - 1);
      const hidden = all.length - room + 1;
      const shown = all.length <= room ? all : [...all.slice(0, room - 1), `… and ${hidden} more lines`];
      return [...shown, this.#foot];
    });
  }
}
