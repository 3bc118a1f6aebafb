import { CappedText, decodeReferences, ownCopy } from './xml-text.ts';

/** In their order, with local names in lower case: a name may come twice. */
export type Attributes = readonly (readonly [name: string, value: string])[];

/** The value of the first attribute of that name; empty where there is none. */
export function attribute(attributes: Attributes, name: string): string {
  return attributes.find(([one]) => one === name)?.[1] ?? '';
}

/** The file is not whole, or no XML; the message says why. */
export class BrokenXml extends Error {}

const longestName = 1000;
const mostAttributes = 200;

type State = 'name' | 'between' | 'key' | 'equals' | 'quote' | 'value' | 'closed' | 'slash' | 'done';

// A name may contain more than the standard allows; it ends where the standard says.
const nameRun = /[^\s/<>=&"']*/y;
const space = /\s*/y;
const nameStart = /^[\p{L}_:]/u;

/**
 * Reads opening tags, one after the other, each from behind its `<`, in parts of any size. Linear time, values of any
 * length.
 */
export class TagReader {
  name = '';
  isEmpty = false;
  attributes: [name: string, value: string][] = [];
  #keys: string[] = [];
  readonly #value = new CappedText();
  #key = '';
  #quote = '';
  #state: State = 'name';

  /** The next tag begins. */
  start(): void {
    this.name = '';
    this.isEmpty = false;
    this.attributes = [];
    this.#keys = [];
    this.#state = 'name';
  }

  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** Reads on from `at`. Answers where it stopped: behind the tag, or at the end of the part. */
  read(part: string, at: number): number {
    let next = at;
    while (next < part.length && this.#state !== 'done') next = this.#step(part, next);
    return next;
  }

  #step(part: string, at: number): number {
    if (this.#state === 'name' || this.#state === 'key') return this.#readName(part, at);
    if (this.#state === 'value') return this.#readValue(part, at);
    const next = this.#state === 'slash' ? at : endOf(space, part, at);
    if (next > at && this.#state === 'closed') this.#state = 'between';
    return next === part.length ? next : this.#turn(part, next);
  }

  /** Reads one character, which decides how to go on. */
  #turn(part: string, at: number): number {
    const character = part[at] ?? '';
    if (this.#state === 'equals' && character === '=') return this.#go('quote', at + 1);
    if (this.#state === 'quote' && (character === '"' || character === "'")) {
      this.#quote = character;
      return this.#go('value', at + 1);
    }
    if (this.#state === 'slash' && character === '>') {
      this.isEmpty = true;
      return this.#go('done', at + 1);
    }
    if (this.#state === 'between' || this.#state === 'closed') {
      if (character === '>') return this.#go('done', at + 1);
      if (character === '/') return this.#go('slash', at + 1);
      if (this.#state === 'between') return this.#go('key', at);
    }
    throw new BrokenXml(`<${this.name}> is no whole tag`);
  }

  #go(state: State, at: number): number {
    this.#state = state;
    return at;
  }

  #readName(part: string, at: number): number {
    const end = endOf(nameRun, part, at);
    const name = (this.#state === 'name' ? this.name : this.#key) + part.slice(at, end);
    if (name.length > longestName) throw new BrokenXml(`a name of more than ${longestName} characters`);
    if (this.#state === 'name') this.name = name;
    else this.#key = name;
    if (end === part.length) return end;
    if (!nameStart.test(name)) throw new BrokenXml(`"${name || part[end]}" where a name should be`);
    return this.#go(this.#state === 'name' ? 'closed' : 'equals', end);
  }

  #readValue(part: string, at: number): number {
    const end = part.indexOf(this.#quote, at);
    const value = part.slice(at, end === -1 ? part.length : end);
    if (value.includes('<')) throw new BrokenXml(`a "<" in the attribute ${this.#key} of <${this.name}>`);
    this.#value.add(value);
    if (end === -1) return part.length;
    this.#endAttribute();
    return this.#go('closed', end + 1);
  }

  #endAttribute(): void {
    if (this.#keys.includes(this.#key))
      throw new BrokenXml(`the attribute ${this.#key} stands twice in <${this.name}>`);
    if (this.#keys.length >= mostAttributes) throw new BrokenXml(`<${this.name}> has too many attributes`);
    this.#keys.push(this.#key);
    this.attributes.push([localName(this.#key), ownCopy(decodeReferences(this.#value.take()))]);
    this.#key = '';
  }
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  pattern.test(text);
  return pattern.lastIndex;
}

const localNames = new Map<string, string>();
const mostRemembered = 1000;

/** Without its prefix, in lower case. Remembered: a report has few names, very often. */
export function localName(name: string): string {
  const known = localNames.get(name);
  if (known !== undefined) return known;
  const local = ownCopy(name.slice(name.lastIndexOf(':') + 1).toLowerCase());
  if (localNames.size < mostRemembered) localNames.set(ownCopy(name), local);
  return local;
}
