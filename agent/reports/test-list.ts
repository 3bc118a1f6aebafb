import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TestCase } from '../../protocol/shapes/job.ts';
import { type CasePath, fullName, shownName } from './case-names.ts';
import type { ReadCase } from './junit-cases.ts';
import { readCase } from './seen-case.ts';
import { BrokenXml } from './xml-tag.ts';

/** The most cases of one report. */
const mostCases = 500_000;

/** UTF-16 units of text stored for one report; after that only short texts are. */
const mostText = 32 * 1024 * 1024;
const short = 300;

const mergedInOneTurn = 5000;

/** The tests of a report in their order, each under a name of its own. */
export class TestList {
  readonly #root: string | undefined;
  readonly #tests: TestCase[] = [];
  /** The first place of each test, by what it is. */
  readonly #first = new Map<string, number>();
  /** All places of tests that come more than once. */
  readonly #again = new Map<string, number[]>();
  /** The test that a shown name belongs to. */
  readonly #names = new Map<string, string>();
  #textLeft = mostText;

  /** File names are given relative to `root`; without it, absolute ones are left out. */
  constructor(root: string | undefined) {
    this.#root = root;
  }

  add({ seen, path, file, isSuite }: ReadCase): void {
    if (this.#tests.length >= mostCases) throw new BrokenXml(`more than ${mostCases} tests`);
    const key = identity(path);
    const name = this.#nameOf(path, key) + (isSuite ? ' (suite)' : '');
    const message = this.#afford(seen.message());
    this.#note(key, this.#tests.length);
    this.#tests.push({
      name: this.#afford(name),
      ...readCase(seen, file, this.#root),
      ...(message && { message }),
    });
  }

  /** Whole or not at all: half a secret would not be masked. */
  #afford(text: string): string {
    const isKept = this.#textLeft > 0 || text.length <= short;
    const kept = isKept ? text : `(${text.length} characters, left out)`;
    this.#textLeft -= kept.length;
    return kept;
  }

  /** A second test with the same shown name gets its full name. */
  #nameOf(path: CasePath, key: string): string {
    const shown = shownName(path);
    const owner = this.#names.get(shown) ?? key;
    if (this.#textLeft > 0) this.#names.set(shown, owner);
    return owner === key ? shown : fullName(path);
  }

  #note(key: string, place: number): void {
    const first = this.#first.get(key);
    if (first === undefined) this.#first.set(key, place);
    else if (!this.#again.get(key)?.push(place)) this.#again.set(key, [first, place]);
  }

  /** With `mended`, a test that failed and whose last run passed is one flaky test; else each run stays as it is. */
  async finish(mended: boolean): Promise<TestCase[]> {
    if (!mended) return this.#tests;
    const dropped = new Set<number>();
    let done = 0;
    for (const places of this.#again.values()) {
      this.#merge(places, dropped);
      done += places.length;
      if (done > mergedInOneTurn) await nextTurn();
      done %= mergedInOneTurn;
    }
    return dropped.size === 0 ? this.#tests : this.#tests.filter((_test, place) => !dropped.has(place));
  }

  #merge(places: readonly number[], dropped: Set<number>): void {
    const runs = places.map((place) => ({ place, test: this.#tests[place] as TestCase }));
    const ran = runs.filter(({ test }) => test.status !== 'skipped');
    const failed = ran.find(({ test }) => test.status === 'failed');
    const last = ran.at(-1)?.test.status;
    if (!failed || (last !== 'passed' && last !== 'flaky')) return;
    const spent = runs.reduce((sum, { test }) => sum + test.duration_ms, 0);
    this.#tests[failed.place] = { ...failed.test, status: 'flaky', duration_ms: spent };
    for (const { place } of runs) if (place !== failed.place) dropped.add(place);
  }
}

const identity = ({ key }: CasePath): string =>
  key.length <= 200 ? key : createHash('sha256').update(key).digest('hex');
