import { isAbsolute, win32 } from 'node:path';
import { pathInside } from '../../client/path-inside.ts';
import type { TestCase } from '../../protocol/shapes/job.ts';
import { FailureText } from './failure-text.ts';
import { readDuration } from './read-duration.ts';
import { readStatus, type Said, type StatusWord, worst } from './report-words.ts';
import { type Attributes, attribute } from './xml-tag.ts';
import { CappedText, ownCopy } from './xml-text.ts';

/** Failure elements of one case whose texts are stored. */
const mostTexts = 100;

/** A case or a suite while it is read: what its attributes and the elements in it say about its result. */
export class Seen {
  readonly attributes: Attributes;
  /** The number of elements that describe a failed try. */
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

  /** A failure after which a later try passed. */
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

  /** The words of the report that say this. */
  words(said: Said): string {
    return this.#said.find((one) => one.said === said)?.words ?? '';
  }

  /** The message of the failure; empty without one. To be called once. */
  message(): string {
    const texts = new Set(this.#texts.map((text) => text.take()).filter(Boolean));
    if (texts.size > 0) return joined(texts);
    const { said } = this;
    if (said === 'unclear') return `not understood: ${this.words('unclear')}`;
    return said === 'failed' ? attribute(this.attributes, 'message') || this.words('failed') : '';
  }
}

/** Joins texts; a hundred long ones are cut. */
function joined(texts: Iterable<string>): string {
  const all = new CappedText();
  for (const text of texts) all.add(`${text}\n\n`);
  return ownCopy(all.take().trimEnd());
}

/** The highest line number; a larger one is an address, or an unsigned number that went below zero. */
const mostLines = 100_000_000;

/** What a case says beside its name and message. `file`: the file of its suite, for a case that names none. */
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
    // A test that is not understood did not pass, and the whole report is then not trusted.
    status: said === 'unclear' ? 'skipped' : said,
    duration_ms: readDuration(attribute(attributes, 'time') || attribute(attributes, 'duration')),
  };
}

/**
 * The file of a test as it may leave the host: relative to `root`. Undefined for an absolute path elsewhere, which
 * would only reveal the folders of the host. A relative path stays as it is.
 */
export function fileInRoot(file: string, root: string | undefined): string | undefined {
  const path = file.replace(/^file:\/\//, '');
  // True for absolute paths of Windows and of other systems.
  if (!win32.isAbsolute(path)) return path || undefined;
  return root !== undefined && isAbsolute(path) ? pathInside(root, path) || undefined : undefined;
}

/** Node's own reporter shows a file without any test as a test that has passed. */
export function isWholeFile(attributes: Attributes): boolean {
  const [name, file] = [attribute(attributes, 'name'), attribute(attributes, 'file')];
  return attribute(attributes, 'classname') === 'test' && (isScript(name) || isEndOf(file, name));
}

/** A script only: names of tests may also be routes, like `/users`. */
const isScript = (name: string): boolean => isAbsolute(name) && /\.[cm]?[jt]sx?$/.test(name);

const isEndOf = (path: string, end: string): boolean =>
  end !== '' && (path === end || path.endsWith(`/${end}`) || path.endsWith(`\\${end}`));
