import { openReport, readParts } from './report-file.ts';

/** `broken` says why the file cannot be read, in words. */
export type JsonFile = { readonly json: unknown } | { readonly missing: true } | { readonly broken: string };

/** Reads a JSON report of any size part by part, without the output and the files in it. */
export async function readJsonFile(path: string): Promise<JsonFile> {
  const opened = await openReport(path);
  if (!('file' in opened)) return opened;
  const shrinker = new JsonShrinker();
  const decoder = new TextDecoder();
  try {
    for await (const part of readParts(opened.file)) shrinker.write(decoder.decode(part, { stream: true }));
    shrinker.write(decoder.decode());
    return { json: JSON.parse(shrinker.end()) };
  } catch (error) {
    // The message of the parser would quote the text.
    return {
      broken: error instanceof SyntaxError ? 'it is not whole, or no JSON' : (error as Error).message,
    };
  } finally {
    await opened.file.close();
  }
}

/** Keys whose values no verdict needs, and which may be larger than all the rest: output, files as base64, steps. */
const dropped = new Set(['stdout', 'stderr', 'attachments', 'steps', 'annotations', 'metadata']);

/** UTF-16 units of one string as it is written. */
const longestString = 128 * 1024;
const mostUnits = 32 * 1024 * 1024;
const deepest = 300;

const marks = /["[\]{},:]/g;
const stringMarks = /["\\]/g;

/**
 * Takes JSON part by part and makes it small enough to be parsed in one piece: it drops the values of some keys and
 * cuts long strings. It checks nothing: invalid JSON stays invalid. Linear time, bounded memory; throws where JSON is
 * too large or too deep.
 */
export class JsonShrinker {
  readonly #kept: string[] = [];
  #pieces: string[] = [];
  #length = 0;
  #depth = 0;
  /** While a value is dropped: the depth of its key. */
  #droppedAt: number | undefined;
  /** The beginning of the current or last string, which may be a key. */
  #string = '';
  #stringLength = 0;
  #isInString = false;
  /** In an escape: -1 when its letter comes next, else the number of digits still to come. */
  #escape = 0;
  #isEscapeKept = true;

  write(part: string): void {
    let at = 0;
    while (at < part.length) at = this.#isInString ? this.#inString(part, at) : this.#outside(part, at);
    // Joined for each part: to join a million pieces at the end would take long.
    this.#kept.push(this.#pieces.join(''));
    this.#pieces = [];
  }

  /** The JSON that is left. */
  end(): string {
    return this.#kept.join('');
  }

  #keep(text: string): void {
    if (this.#droppedAt !== undefined) return;
    this.#length += text.length;
    if (this.#length > mostUnits) throw new Error(`it tells more than ${mostUnits} characters of its tests`);
    this.#pieces.push(text);
  }

  #outside(part: string, at: number): number {
    marks.lastIndex = at;
    const place = marks.exec(part)?.index ?? part.length;
    this.#keep(part.slice(at, place));
    const mark = part[place];
    if (mark !== undefined) this.#mark(mark);
    return place + 1;
  }

  #mark(mark: string): void {
    const isClosing = mark === '}' || mark === ']';
    if (isClosing) this.#depth -= 1;
    const isEnd = isClosing
      ? this.#depth < (this.#droppedAt ?? 0)
      : mark === ',' && this.#depth === this.#droppedAt;
    if (isEnd) this.#droppedAt = undefined;
    this.#keep(mark);
    if (mark === '{' || mark === '[') this.#depth += 1;
    if (this.#depth > deepest) throw new Error(`it has more than ${deepest} levels`);
    if (mark === '"') this.#begin();
    if (mark === ':' && this.#droppedAt === undefined && dropped.has(this.#string)) {
      this.#keep('null');
      this.#droppedAt = this.#depth;
    }
    if (mark !== '"') this.#string = '';
  }

  #begin(): void {
    this.#isInString = true;
    this.#string = '';
    this.#stringLength = 0;
  }

  #inString(part: string, at: number): number {
    if (this.#escape !== 0) return this.#inEscape(part[at] ?? '', at);
    stringMarks.lastIndex = at;
    const place = stringMarks.exec(part)?.index ?? part.length;
    this.#keepString(part.slice(at, place));
    if (part[place] === '"') {
      this.#isInString = false;
      this.#keep('"');
    }
    if (part[place] === '\\') {
      this.#escape = -1;
      this.#isEscapeKept = this.#stringLength < longestString;
      if (this.#isEscapeKept) this.#keep('\\');
    }
    return place + 1;
  }

  /** An escape is kept whole or not at all. */
  #inEscape(character: string, at: number): number {
    if (this.#escape === -1) this.#escape = character === 'u' ? 4 : 0;
    else this.#escape -= 1;
    this.#stringLength += 1;
    if (this.#isEscapeKept) this.#keep(character);
    return at + 1;
  }

  #keepString(text: string): void {
    if (this.#string.length < 20) this.#string += text.slice(0, 20);
    this.#keep(text.slice(0, Math.max(0, longestString - this.#stringLength)));
    this.#stringLength += text.length;
  }
}
