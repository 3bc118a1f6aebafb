import { type CasePath, extendPath, topPath } from './case-names.ts';
import { accountsForAll, findContradiction, findMissing, type Shown } from './check-counters.ts';
import type { FailureText } from './failure-text.ts';
import { type Role, roleOf } from './report-words.ts';
import { isWholeFile, Seen } from './seen-case.ts';
import type { XmlEvents } from './xml-scanner.ts';
import { type Attributes, attribute, BrokenXml } from './xml-tag.ts';

/** A case that has ended, with the path of its names; `isSuite`: it is a suite with a failure of its own. */
export interface ReadCase {
  readonly seen: Seen;
  readonly path: CasePath;
  readonly file: string;
  readonly isSuite: boolean;
}

interface Frame {
  /** The nearest case or suite, itself included. */
  readonly owner: Seen;
  readonly ownedBy: 'suite' | 'case';
  /** An element inside of its owner. */
  readonly isPart: boolean;
  readonly path: CasePath;
  readonly file: string;
  /** Collects the text in this element. */
  readonly text: FailureText | undefined;
  /** The counts when it began. */
  readonly before: Shown;
}

/**
 * Finds the cases among the elements of a JUnit file, at any place: a case inside a case counts, and so does one in an
 * unknown element. A contradiction is given as `problem`.
 */
export class JunitCases implements XmlEvents {
  /** Why the report cannot be trusted, in words; the first reason found. */
  problem: string | undefined;
  /** The first suite that counts more tests than it shows. */
  #missing: string | undefined;
  readonly #found: (found: ReadCase) => void;
  readonly #frames: Frame[] = [];
  #shown: Shown = { cases: 0, suites: 0, tries: 0, failures: 0, skipped: 0 };

  constructor(found: (found: ReadCase) => void) {
    this.#found = found;
  }

  open(name: string, attributes: Attributes): void {
    const role = roleOf(name);
    const parent = this.#frames.at(-1);
    if (role === 'suite' || role === 'suites') this.#frames.push(this.#beginSuite(role, attributes, parent));
    else if (!parent) throw new BrokenXml(`it has no testsuites and no testsuite: its root is <${name}>`);
    else if (role === 'case') this.#frames.push(this.#beginCase(attributes, parent));
    else this.#frames.push({ ...parent, isPart: true, text: this.#note(role, name, attributes, parent) });
  }

  text(part: string, isQuoted: boolean): void {
    this.#frames.at(-1)?.text?.add(part, isQuoted);
  }

  close(): void {
    const frame = this.#frames.pop();
    if (frame?.isPart) this.#frames.at(-1)?.text?.add('\n', true);
    else if (frame?.ownedBy === 'case') this.#endCase(frame);
    else if (frame) this.#endSuite(frame);
  }

  /** The file ends here though elements are open: failures until here count. */
  giveUp(): void {
    for (const { owner, ownedBy, isPart, path, file } of this.#frames.splice(0).reverse()) {
      if (!isPart && owner.said === 'failed')
        this.#found({ seen: owner, path, file, isSuite: ownedBy === 'suite' });
    }
  }

  #beginSuite(role: Role, attributes: Attributes, parent: Frame | undefined): Frame {
    const get = (name: string): string => attribute(attributes, name);
    // The name of the outermost element is the same for all reports of a tool.
    const name = role === 'suites' ? '' : get('name');
    const marks = [get('package'), get('hostname'), get('id'), get('file')];
    return {
      owner: new Seen(attributes, 'suite'),
      ownedBy: 'suite',
      isPart: false,
      path: extendPath(parent?.path ?? topPath, name, marks),
      file: get('file') || parent?.file || '',
      text: undefined,
      before: this.#shown,
    };
  }

  #beginCase(attributes: Attributes, parent: Frame): Frame {
    const get = (name: string): string => attribute(attributes, name);
    // Node's own reporter writes the class "test" for every test.
    const owner = get('classname') === 'test' ? '' : get('classname');
    // Two cases without a name may be two tests.
    const marks = [get('file'), get('line'), ...(get('name') === '' ? [`#${this.#shown.cases + 1}`] : [])];
    const path = extendPath(extendPath(parent.path, owner), get('name') || '(no name)', marks);
    return {
      ...parent,
      owner: new Seen(attributes, 'case'),
      ownedBy: 'case',
      isPart: false,
      path,
      file: get('file') || parent.file,
      text: undefined,
      before: this.#shown,
    };
  }

  /** Notes an element inside a case or a suite. Answers what collects its text. */
  #note(role: Role, name: string, attributes: Attributes, parent: Frame): FailureText | undefined {
    const { owner, ownedBy, text } = parent;
    if (role === 'flaky' || name.startsWith('rerun')) this.#count({ tries: 1 });
    // Only a case can be tried again: at a suite, `flaky` is a failure.
    if (role === 'flaky' && ownedBy === 'case') return owner.addFlake(attributes);
    if (role === 'failed' || role === 'flaky') return owner.addFailure(attributes);
    if (role === 'unclear') owner.say('unclear', `<${name}>`);
    if (role === 'skipped') owner.say('skipped', `<${name}>`);
    return role === 'output' ? undefined : text;
  }

  #endCase({ owner, path, file, before }: Frame): void {
    const { said } = owner;
    if (said === 'passed' && isWholeFile(owner.attributes)) return;
    if (said === 'unclear') this.#doubt(`${owner.words('unclear')} of a test is not understood`);
    this.#count({
      cases: 1,
      failures: Math.max(said === 'failed' ? 1 : 0, owner.tries),
      skipped: said === 'skipped' || said === 'unclear' ? 1 : 0,
    });
    // Counters of a case can only count failures.
    this.#check('a test', owner, { ...this.#since(before), cases: Number.POSITIVE_INFINITY, suites: 1 });
    this.#found({ seen: owner, path, file, isSuite: false });
  }

  #endSuite({ owner, path, file, before }: Frame): void {
    if (owner.hasFailed) {
      this.#count({ failures: owner.tries });
      this.#found({ seen: owner, path, file, isSuite: true });
    }
    const what = path.last === '' ? 'it' : `its suite ${path.last.slice(0, 200)}`;
    const shown = this.#since(before);
    this.#check(what, owner, shown);
    this.#checkMissing(what, owner, shown);
    this.#count({ suites: 1 });
    const { said } = owner;
    const isContradiction = said === 'skipped' ? shown.cases > shown.skipped : shown.failures === 0;
    if (said === 'unclear' || (said !== 'passed' && isContradiction))
      this.#doubt(`${what} says ${owner.words(said === 'flaky' ? 'unclear' : said)}, its cases do not`);
  }

  #count(more: Partial<Shown>): void {
    const { cases, suites, tries, failures, skipped } = this.#shown;
    this.#shown = {
      cases: cases + (more.cases ?? 0),
      suites: suites + (more.suites ?? 0),
      tries: tries + (more.tries ?? 0),
      failures: failures + (more.failures ?? 0),
      skipped: skipped + (more.skipped ?? 0),
    };
  }

  #since(before: Shown): Shown {
    const { cases, suites, tries, failures, skipped } = this.#shown;
    return {
      cases: cases - before.cases,
      suites: suites - before.suites,
      tries: tries - before.tries,
      failures: failures - before.failures,
      skipped: skipped - before.skipped,
    };
  }

  #check(what: string, { attributes }: Seen, shown: Shown): void {
    const why = findContradiction(attributes, shown);
    if (why) this.#doubt(`${what} ${why}`);
  }

  /** mocha-junit-reporter counts pending tests in each suite, but says only in the root how many they were. */
  #checkMissing(what: string, { attributes }: Seen, shown: Shown): void {
    const why = findMissing(attributes, shown);
    if (why) this.#missing ??= `${what} ${why}`;
    const isRoot = this.#frames.length === 0;
    if (isRoot && this.#missing && (why || !accountsForAll(attributes, shown))) this.#doubt(this.#missing);
  }

  #doubt(why: string): void {
    this.problem ??= why;
  }
}
