import { type Attributes, BrokenXml, localName, TagReader } from './xml-tag.ts';

/** The content of a document, in its order. Names are local and in lower case. */
export interface XmlEvents {
  open(name: string, attributes: Attributes): void;
  close(): void;
  /** A part of a text, with its references unresolved. `isQuoted`: it is from a CDATA section and has none. */
  text(part: string, isQuoted: boolean): void;
}

/** Elements inside of elements. */
const deepest = 1000;

type State = 'content' | 'comment' | 'quoted' | 'target' | 'instruction' | 'opening' | 'closing';

/** The ends of these; their text may contain anything else. */
const ends = { comment: '-->', quoted: ']]>', instruction: '?>' } as const;

/**
 * Reads XML part by part, in linear time and with little memory: a text of any length passes through. Strict about
 * structure (each tag closed by its own, one root, nothing around it, no DOCTYPE) and about nothing else: real tools
 * write control characters and references that are none. Throws BrokenXml.
 */
export class XmlScanner {
  readonly #events: XmlEvents;
  readonly #open: string[] = [];
  #state: State = 'content';
  readonly #tag = new TagReader();
  #closing = '';
  #rest = '';
  #line = 1;
  #sawRoot = false;

  constructor(events: XmlEvents) {
    this.#events = events;
  }

  write(text: string): void {
    const part = this.#rest + text;
    let at = 0;
    try {
      while (at < part.length) {
        const next = this.#step(part, at);
        if (next === undefined) break;
        at = next;
      }
    } catch (error) {
      throw error instanceof BrokenXml ? this.#located(error, part.slice(0, at)) : error;
    }
    this.#rest = part.slice(at);
    this.#line += lineBreaks(part.slice(0, at));
  }

  end(): void {
    const [last] = this.#open.slice(-1);
    if (this.#state !== 'content' || this.#rest !== '')
      throw new BrokenXml('it ends inside of a tag or text');
    if (last !== undefined) throw new BrokenXml(`it ends before <${last}> is closed`);
    if (!this.#sawRoot) throw new BrokenXml('it is empty');
  }

  #located(error: BrokenXml, before: string): BrokenXml {
    return new BrokenXml(`${error.message} (line ${this.#line + lineBreaks(before)})`);
  }

  /** Where to go on; undefined: a few more characters are needed first, so little is read twice. */
  #step(part: string, at: number): number | undefined {
    if (this.#state === 'content') return this.#content(part, at);
    if (this.#state === 'opening') return this.#opening(part, at);
    if (this.#state === 'closing') return this.#closingTag(part, at);
    if (this.#state === 'target') return this.#target(part, at);
    return this.#until(ends[this.#state], part, at);
  }

  #content(part: string, at: number): number | undefined {
    const found = part.indexOf('<', at);
    const end = found === -1 ? part.length : found;
    if (end > at) {
      const text = part.slice(at, end);
      if (this.#open.length > 0) this.#events.text(text, false);
      // There may be a second byte order mark.
      else if (/[^\s\ufeff]/.test(text)) throw new BrokenXml('text outside of the one root element');
      return end;
    }
    return this.#markup(part, at);
  }

  #markup(part: string, at: number): number | undefined {
    const head = part.slice(at, at + 9).toUpperCase();
    if (head.startsWith('<!--')) return this.#go('comment', at + 4);
    if (head === '<![CDATA[') {
      if (this.#open.length === 0) throw new BrokenXml('text outside of the one root element');
      return this.#go('quoted', at + 9);
    }
    if (head === '<!DOCTYPE') throw new BrokenXml('a DOCTYPE, which is refused');
    if (['<!--', '<![CDATA[', '<!DOCTYPE'].some((one) => one.startsWith(head))) return undefined;
    if (head.startsWith('<!')) throw new BrokenXml('a declaration, which has no place here');
    if (head === '<?') return undefined;
    if (/^<\?[\p{L}_:]/u.test(head)) return this.#go('target', at + 2);
    if (head.startsWith('<?')) throw new BrokenXml('an instruction without a name');
    if (head.startsWith('</')) return this.#go('closing', at + 2);
    this.#tag.start();
    return this.#go('opening', at + 1);
  }

  #go(state: State, at: number): number {
    this.#state = state;
    return at;
  }

  #until(end: string, part: string, at: number): number | undefined {
    const found = part.indexOf(end, at);
    // The end mark itself may be cut in two.
    const stop = found === -1 ? part.length - end.length + 1 : found;
    if (this.#state === 'quoted' && stop > at) this.#events.text(part.slice(at, stop), true);
    if (found !== -1) return this.#go('content', found + end.length);
    return stop > at ? stop : undefined;
  }

  /** The name of an instruction. It cannot contain a tag, so no tag is skipped here. */
  #target(part: string, at: number): number {
    const length = part.slice(at).search(/[\s?<]/);
    if (length === -1) return part.length;
    if (part[at + length] === '<') throw new BrokenXml('an instruction with a "<" in its name');
    return this.#go('instruction', at + length);
  }

  #opening(part: string, at: number): number {
    const next = this.#tag.read(part, at);
    const { isDone, isEmpty, name, attributes } = this.#tag;
    if (!isDone) return next;
    if (this.#open.length === 0 && this.#sawRoot) throw new BrokenXml('it has more than one root');
    if (this.#open.length >= deepest)
      throw new BrokenXml(`more than ${deepest} elements inside of each other`);
    this.#sawRoot = true;
    this.#events.open(localName(name), attributes);
    if (isEmpty) this.#events.close();
    else this.#open.push(name);
    return this.#go('content', next);
  }

  #closingTag(part: string, at: number): number {
    const found = part.indexOf('>', at);
    this.#closing += part.slice(at, found === -1 ? part.length : found);
    if (this.#closing.length > 2000) throw new BrokenXml('a closing tag that does not end');
    if (found === -1) return part.length;
    const name = this.#closing.trimEnd();
    const open = this.#open.pop();
    if (name !== open)
      throw new BrokenXml(
        `</${name}> ${open === undefined ? 'closes nothing' : `where </${open}> should be`}`,
      );
    this.#closing = '';
    this.#events.close();
    return this.#go('content', found + 1);
  }
}

function lineBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
