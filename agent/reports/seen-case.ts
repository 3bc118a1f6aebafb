import type { TestCase } from '../../protocol/shapes/job.ts';
import { CappedText, ownCopy } from './capped-text.ts';
import { attribute, readStatus, type StatusWord } from './case-status.ts';
import { FailureText } from './failure-text.ts';
import { fileInRoot } from './file-in-root.ts';
import { type Said, worst } from './judge-words.ts';
import { readDuration } from './read-duration.ts';
import type { Attributes } from './xml-tag.ts';

/** What is kept of the elements that tell of failures: of so many for each case. */
const mostTexts = 100;

/** A case or a suite while it is read: what its attributes and the elements in it say of how it went. */
export class Seen {
  readonly attributes: Attributes;
  /** How many elements tell of a try that failed. */
  tries = 0;
  hasFailed = false;
  #isFlaky = false;
  readonly #texts: FailureText[] = [];
  readonly #said: StatusWord[];

  constructor(attributes: Attributes, kind: 'case' | 'suite') {
    this.attributes = attributes;
    this.#said = readStatus(attributes, kind);
  }

  addFailure(attributes: Attributes): FailureText {
    this.hasFailed = true;
    return this.#addTry(attributes);
  }

  /** A failure that a later try has mended. */
  addFlake(attributes: Attributes): FailureText {
    this.#isFlaky = true;
    return this.#addTry(attributes);
  }

  #addTry(attributes: Attributes): FailureText {
    const text = new FailureText(attribute(attributes, 'message'), attribute(attributes, 'type'));
    this.tries += 1;
    if (this.#texts.length < mostTexts) this.#texts.push(text);
    return text;
  }

  say(said: Said, words: string): void {
    const isNew = this.#said.every((one) => one.said !== said);
    if (isNew || this.#said.length < mostTexts) this.#said.push({ said, words });
  }

  get said(): Said | 'flaky' {
    if (this.hasFailed) return 'failed';
    const said = worst(this.#said.map((one) => one.said)) ?? 'passed';
    return said === 'passed' && this.#isFlaky ? 'flaky' : said;
  }

  /** The words that say so. */
  words(said: Said): string {
    return this.#said.find((one) => one.said === said)?.words ?? '';
  }

  /** Empty where there is nothing to say. To be called once. */
  message(): string {
    const texts = new Set(this.#texts.map((text) => text.take()).filter(Boolean));
    if (texts.size > 0) return joined(texts);
    const { said } = this;
    if (said === 'unclear') return `not understood: ${this.words('unclear')}`;
    return said === 'failed' ? attribute(this.attributes, 'message') || this.words('failed') : '';
  }
}

/** A hundred long texts are not kept whole. */
function joined(texts: Iterable<string>): string {
  const all = new CappedText();
  for (const text of texts) all.add(`${text}\n\n`);
  return ownCopy(all.take().trimEnd());
}

/** Lines of a file; a larger number is an address or one that went below zero. */
const mostLines = 100_000_000;

/** What a case says of itself beside name and message. `file` is that of its suite, where it has none itself. */
export function readCase(
  seen: Seen,
  file: string,
  root: string | undefined,
): Omit<TestCase, 'name' | 'message'> {
  const { attributes, said } = seen;
  const path = fileInRoot(attribute(attributes, 'file') || file, root);
  const line = /^\s*\d+\s*$/.test(attribute(attributes, 'line')) ? Number(attribute(attributes, 'line')) : -1;
  return {
    ...(path && { file: path }),
    ...(line >= 0 && line <= mostLines && { line }),
    // What is not understood did not pass; the report as a whole is then not believed either.
    status: said === 'unclear' ? 'skipped' : said,
    duration_ms: readDuration(attribute(attributes, 'time') || attribute(attributes, 'duration')),
  };
}
