import type { ToldTest } from './told-shape.ts';
import type { FileReport } from './verdict-of-file.ts';

/** What was told of one file that a process was asked for. */
export class ToldFile {
  /** Relative to the root, POSIX. */
  readonly testPath: string;
  /** How many tests were asked for; undefined: all. */
  readonly selected: number | undefined;
  readonly tests: ToldTest[] = [];
  readonly errors: string[] = [];
  readonly #redo = new Set<string>();
  /** How many tests it said that it would run. */
  announced = 0;
  hasBegun = false;
  /** No test of it is left. */
  hasEnded = false;
  /** Its result was told. */
  isDone = false;

  constructor(testPath: string, selected: number | undefined) {
    this.testPath = testPath;
    this.selected = selected;
  }

  add(test: ToldTest, redo: readonly string[]): void {
    this.tests.push(test);
    for (const id of redo) this.#redo.add(id);
  }

  /** `foreign`: failed tests of other files that kept this one from running. */
  report(root: string, foreign: readonly ToldTest[] = []): FileReport {
    const { tests, errors, selected, announced } = this;
    return { root, tests, foreign, errors, redo: [...this.#redo], selected, announced };
  }
}
