import { CappedText, decodeReferences, ownCopy } from './xml-text.ts';

/** The text of an element that describes a failure: `message` and `type` are its attributes. */
export class FailureText {
  readonly #message: string;
  readonly #type: string;
  readonly #raw = new CappedText();
  readonly #body = new CappedText();

  constructor(message: string, type: string) {
    this.#message = message.trim();
    this.#type = type.trim();
  }

  /** A part of its text. `isQuoted`: from a CDATA section, without references. */
  add(part: string, isQuoted: boolean): void {
    if (isQuoted) this.#decode();
    (isQuoted ? this.#body : this.#raw).add(part);
  }

  #decode(): void {
    this.#body.add(decodeReferences(this.#raw.take()));
  }

  /** The whole text, nothing twice. To be called once. */
  take(): string {
    this.#decode();
    return ownCopy(joinMessage(this.#message, this.#type, this.#body.take().trim()));
  }
}

/** The message comes first; without one, the type. A text that begins with it already needs no title. */
function joinMessage(message: string, type: string, body: string): string {
  const title = message || (isSaid(type, body) ? '' : type);
  return title === '' || isSaid(title, body) ? body : `${title}\n${body}`.trim();
}

/** True where the text begins with the title. Node and others put a class and a bracket before it, and wrap lines. */
function isSaid(title: string, body: string): boolean {
  const beginning = fold(body.slice(0, title.length * 2 + 200));
  const words = fold(title);
  const at = beginning.indexOf(words);
  const before = at > 0 ? beginning[at - 1] : ' ';
  const after = beginning[at + words.length] ?? ' ';
  return at !== -1 && /\W/.test(`${before}`) && /\W/.test(after);
}

const fold = (text: string): string => text.replace(/\s+/g, ' ').trim();
