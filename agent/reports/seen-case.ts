import { isAbsolute, win32 } from 'node:path';
import { pathInside } from '../../client/path-inside.ts';
import type { TestCase } from '../../protocol/shapes/job.ts';
import { FailureText } from './failure-text.ts';
import { readDuration } from './read-duration.ts';
import { readStatus, type Said, type StatusWord, worst } from './report-words.ts';
import { type Attributes, attribute } from './xml-tag.ts';
import { CappedText, ownCopy } from './xml-text.ts';

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

/**
 * The file of a test as it may leave the host: relative to `root`. Undefined for an absolute path elsewhere, which
 * says nothing but how the host is laid out. What is relative already stays as it was written.
 */
export function fileInRoot(file: string, root: string | undefined): string | undefined {
  const path = file.replace(/^file:\/\//, '');
  // Knows the absolute paths of both worlds.
  if (!win32.isAbsolute(path)) return path || undefined;
  return root !== undefined && isAbsolute(path) ? pathInside(root, path) || undefined : undefined;
}

/** Node's own reporter tells of a file without any test as of a test that has passed. */
export function isWholeFile(attributes: Attributes): boolean {
  const [name, file] = [attribute(attributes, 'name'), attribute(attributes, 'file')];
  return attribute(attributes, 'classname') === 'test' && (isScript(name) || isEndOf(file, name));
}

/** Routes are names of tests too: `/users`. */
const isScript = (name: string): boolean => isAbsolute(name) && /\.[cm]?[jt]sx?$/.test(name);

const isEndOf = (path: string, end: string): boolean =>
  end !== '' && (path === end || path.endsWith(`/${end}`) || path.endsWith(`\\${end}`));
