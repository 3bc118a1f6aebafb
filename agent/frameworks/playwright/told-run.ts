import { type AttemptResult, type ExitSays, errored } from '../../reports/attempt-result.ts';
import type { BatchListener, BatchRest } from '../batch.ts';
import type { ToldFile } from './told-file.ts';
import type { Told, ToldTest } from './told-shape.ts';
import { verdictOfFile } from './verdict-of-file.ts';

/** How the process ended: what its exit says, and in words. */
export interface RunEnd {
  readonly exit: ExitSays;
  readonly how: string;
  /** The same with the last lines of the output. */
  readonly quoted: string;
  /** The agent ended it. */
  readonly isStopped?: boolean;
}

/**
 * What one process of Playwright has told so far, and what that means for each file. The result of the last file waits
 * for the exit: only then is it known whether something outside of the tests failed.
 */
export class ToldRun {
  readonly #root: string;
  readonly #files: ReadonlyMap<string, ToldFile>;
  readonly #listener: BatchListener;
  readonly #foreignFailures: ToldTest[] = [];
  /** Errors outside of tests that no file was to blame for yet. */
  #strayErrors: string[] = [];
  /** By absolute path: the files in which there are tests to run. */
  #begun: ReadonlyMap<string, number> | undefined;
  #missing: readonly string[] = [];
  #hasEnded = false;
  /** It was told to leave out what had not begun. */
  #isShortened = false;
  /** Something has failed, so that an exit of 1 is no surprise. */
  #hasFailed = false;
  #current: string | undefined;
  /** The file whose test began last, if it is one that was asked for. */
  #running: ToldFile | undefined;

  /** `files` by their absolute paths; `root` is absolute, links resolved. */
  constructor(root: string, files: ReadonlyMap<string, ToldFile>, listener: BatchListener) {
    this.#root = root;
    this.#files = files;
    this.#listener = listener;
  }

  /** Whose output comes now. */
  get speaker(): string | undefined {
    return this.#current;
  }

  /** The files that have not begun are left out from here on, for no fault of theirs. */
  shorten(): void {
    this.#isShortened = true;
  }

  take(told: Told): void {
    if (told.event === 'begin') this.#begin(told);
    else if (told.event === 'test-begin') this.#testBegins(told.file, told.at);
    else if (told.event === 'test-end') this.#testEnds(told);
    else if (told.event === 'file-end') this.#fileEnds(told.file);
    else if (told.event === 'installed') this.#listener.installed();
    else if (told.event === 'output-of') this.#current = this.#pathOf(told.file);
    else if (told.event === 'error') this.#errorOccurs(told);
    else if (told.event === 'end') this.#hasEnded = true;
  }

  #begin({ files, missing }: Extract<Told, { event: 'begin' }>): void {
    this.#begun = new Map(files.map(({ file, tests }) => [file, tests]));
    this.#missing = missing;
    for (const { file, tests } of files) {
      const asked = this.#files.get(file);
      if (asked) asked.announced = tests;
    }
  }

  #pathOf(file: string | undefined): string | undefined {
    return file === undefined ? undefined : this.#files.get(file)?.testPath;
  }

  #testBegins(path: string, at: number): void {
    const file = this.#files.get(path);
    this.#current = file?.testPath;
    this.#running = file;
    if (file) file.hasBegun = true;
    this.#listener.runs(file?.testPath, at);
  }

  #testEnds({ file, test, redo }: Extract<Told, { event: 'test-end' }>): void {
    if (redo.length > 0) this.#hasFailed = true;
    const asked = this.#files.get(file);
    if (asked) asked.add(test, redo);
    else if (redo.length > 0) this.#foreignFailures.push(test);
  }

  #fileEnds(path: string): void {
    const file = this.#files.get(path);
    // The end of a file that was ended may be told while another one runs.
    if (this.#running === undefined || this.#running === file) this.#listener.runs(undefined, 0);
    if (!file) return;
    file.hasEnded = true;
    if ([...this.#files.values()].every((one) => one.hasEnded)) return;
    this.#blame(file);
    this.#finish(file, verdictOfFile(file.report(this.#root), 'passed', 'the run went on'));
  }

  #finish(file: ToldFile, result: AttemptResult): void {
    file.isDone = true;
    this.#listener.ended(file.testPath, result);
  }

  /** An error outside of tests: of the file that it names, of the one that runs, or of the next one that ends. */
  #errorOccurs({ message, stack, file }: Extract<Told, { event: 'error' }>): void {
    this.#hasFailed = true;
    const named = [...this.#files].filter(([path]) => file === path || isIn(stack, path));
    const open = named.map(([, one]) => one).filter((one) => !one.isDone);
    for (const one of open) one.errors.push(message);
    if (open.length === 0) this.#strayErrors.push(message);
  }

  #blame(file: ToldFile): void {
    file.errors.push(...this.#strayErrors);
    this.#strayErrors = [];
  }

  /** What becomes of the files without a result. */
  close(end: RunEnd): Map<string, BatchRest> {
    // An exit of 1 is explained by any failure, of whatever file.
    const exit = end.exit === 'failed' && this.#hasFailed ? 'passed' : end.exit;
    const open = [...this.#files].filter(([, file]) => !file.isDone);
    const ended = open.filter(([, file]) => file.hasEnded);
    for (const [, file] of ended.slice(0, 1)) this.#blame(file);
    // A failed test of another file that kept none of these from running, such as one that cleans up: of the last one.
    const isExplained = open.some(([path, file]) => !file.hasBegun && this.#begun?.has(path));
    const foreign = isExplained ? [] : this.#foreignFailures;
    return new Map(
      open.map(([path, file]) => [
        file.testPath,
        file.hasEnded
          ? verdictOfFile(file.report(this.#root, foreign), exit, end.how)
          : this.#restOf(path, file, end),
      ]),
    );
  }

  #restOf(path: string, file: ToldFile, end: RunEnd): BatchRest {
    const isAlone = this.#files.size === 1;
    if (file.hasBegun) return this.#brokenOff(file, end);
    if (this.#missing.includes(path)) return 'whole';
    if (file.errors.length > 0) return verdictOfFile(file.report(this.#root), 'failed', end.how);
    const hasTests = this.#begun?.has(path) === true;
    if (hasTests && this.#hasEnded && this.#foreignFailures.length > 0)
      return verdictOfFile(file.report(this.#root, this.#foreignFailures), 'failed', end.how);
    if (!isAlone) return this.#isWorthAnotherTry(hasTests, end) ? 'again' : 'alone';
    this.#blame(file);
    const words = file.errors.join('\n\n') || end.quoted;
    return errored(end.exit === 'broken' ? 'infra_error' : 'report_error', `no test ran: ${words}`);
  }

  /** It was not come to, or others that are told by now kept it from running. */
  #isWorthAnotherTry(hasTests: boolean, { isStopped }: RunEnd): boolean {
    if (hasTests && this.#isShortened) return true;
    // Each try must bring a result: what ends a process before its first test would end it again and again.
    const hasResult = [...this.#files.values()].some(({ hasBegun, isDone }) => hasBegun || isDone);
    if (hasTests) return hasResult && (!this.#hasEnded || isStopped === true);
    return this.#begun?.size === 0 && [...this.#files.values()].some(({ errors }) => errors.length > 0);
  }

  /** The process ended before all of its tests had. */
  #brokenOff(file: ToldFile, end: RunEnd): AttemptResult {
    // The tests of one of its projects were kept from running, such as by a set-up of that project.
    if (this.#hasEnded && !end.isStopped)
      return verdictOfFile(file.report(this.#root, this.#foreignFailures), 'failed', end.how);
    const running = this.#running?.hasBegun && !this.#running.hasEnded ? this.#running : file;
    if (running === file) this.#blame(file);
    const result = verdictOfFile(file.report(this.#root), 'failed', end.how);
    if (result.verdict === 'failed' && result.tests?.some(({ status }) => status === 'failed'))
      return asPartial(result);
    // It was to go on in another project.
    if (running !== file)
      return errored('interrupted', `the run ended while ${running.testPath} ran; ${end.how}`, result.tests);
    return errored('infra_error', `the run ended before its file did; ${end.quoted}`, result.tests);
  }
}

/** A failure that may not be all: a next attempt runs the whole file. */
const asPartial = ({ only: _only, isComplete: _complete, ...result }: AttemptResult): AttemptResult => result;

const isIn = (stack: string | undefined, path: string): boolean => stack?.includes(`${path}:`) === true;
