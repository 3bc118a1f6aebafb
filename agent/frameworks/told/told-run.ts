import { type AttemptResult, type ExitSays, errored } from '../../reports/attempt-result.ts';
import type { BatchListener, BatchRest } from '../batch.ts';
import type { ToldFile } from './told-file.ts';
import type { Told } from './told-shape.ts';

/** How the process ended: what its exit says, and in words. */
export interface RunEnd {
  readonly exit: ExitSays;
  readonly how: string;
  /** The same with the last lines of the output. */
  readonly quoted: string;
  /** The agent ended it. */
  readonly isStopped: boolean;
}

/**
 * What one process that runs several files has told so far, and what that means for each of them. The result of the last
 * file waits for the exit: only then is it known whether something outside of the tests failed.
 */
export class ToldRun {
  /** By absolute path. */
  readonly #files: ReadonlyMap<string, ToldFile>;
  readonly #listener: BatchListener;
  #plan: ReadonlySet<string> | undefined;
  readonly #errors: string[] = [];
  #next = 0;
  #problem: string | undefined;
  #rejected: string | undefined;
  #cannotBegin: string | undefined;
  #hasEnded = false;
  /** It was told to leave out what had not begun. */
  #isShortened = false;
  #running: ToldFile | undefined;

  constructor(files: ReadonlyMap<string, ToldFile>, listener: BatchListener) {
    this.#files = files;
    this.#listener = listener;
  }

  /** Whose output comes now. */
  get speaker(): string | undefined {
    return this.#running?.testPath;
  }

  /** The files that have not begun are left out from here on, for no fault of theirs. */
  shorten(): void {
    this.#isShortened = true;
  }

  take(told: Told): void {
    if (told.n !== undefined) this.#count(told.n);
    if (told.event === 'plan') this.#plan = new Set(told.files);
    else if (told.event === 'test-begin') this.#testBegins(told.file, told.at);
    else if (told.event === 'test-end') this.#files.get(told.file)?.add(told.test);
    else if (told.event === 'tests') this.#files.get(told.file)?.replace(told.tests);
    else if (told.event === 'lost') this.#files.get(told.file)?.lose(told.message);
    else if (told.event === 'file-end') this.#fileEnds(told.file, told.errors);
    else if (told.event === 'error') this.#errors.push(told.message);
    else if (told.event === 'install') this.#listener.installed();
    else if (told.event === 'rejected') this.#rejected = told.message;
    else if (told.event === 'end') this.#ends(told.error);
  }

  #count(n: number): void {
    if (n !== this.#next) this.#problem ??= 'something that was told of the run got lost';
    this.#next = n + 1;
  }

  /** Something that is no event of ours stood in the place of one. */
  garble(): void {
    this.#problem ??= 'something that was told of the run could not be read';
  }

  #testBegins(path: string, at: number): void {
    const file = this.#files.get(path);
    this.#running = file;
    if (file) file.hasBegun = true;
    this.#listener.runs(file?.testPath, at);
  }

  #fileEnds(path: string, errors: readonly string[]): void {
    const file = this.#files.get(path);
    if (this.#running === undefined || this.#running === file) this.#listener.runs(undefined, 0);
    if (!file) return;
    file.hasEnded = true;
    file.errors.push(...errors);
    if (file.hasBegun && this.#isClear())
      this.#finish(file, file.verdict('passed', 'the run went on', this.#problem));
  }

  /** More is to come, and nothing that comes can be about a file that has ended. */
  #isClear(): boolean {
    const all = [...this.#files];
    const isLast = all.every(([, { hasEnded }]) => hasEnded);
    // A file without tests may not have been loaded, for a fault of the one before it.
    return !isLast && this.#errors.length === 0 && all.every(([path]) => this.#plan?.has(path) !== false);
  }

  #finish(file: ToldFile, result: AttemptResult): void {
    file.isDone = true;
    this.#listener.ended(file.testPath, result);
  }

  #ends(error: string | undefined): void {
    this.#hasEnded = true;
    this.#cannotBegin = error;
  }

  /** What becomes of the files without a result. */
  close(end: RunEnd): Map<string, BatchRest> {
    const open = [...this.#files].filter(([, file]) => !file.isDone);
    for (const [path, file] of open) if (this.#isBlamed(path, file)) file.errors.push(...this.#errors);
    return new Map(open.map(([path, file]) => [file.testPath, this.#restOf(path, file, end)]));
  }

  #restOf(path: string, file: ToldFile, end: RunEnd): BatchRest {
    if (this.#rejected !== undefined) return errored('rejected', this.#rejected);
    if (file.hasEnded && file.hasBegun) return file.verdict(this.#explain(end.exit), end.how, this.#problem);
    if (file.hasBegun && this.#hasEnded && !end.isStopped)
      return file.verdict(
        'failed',
        end.how,
        this.#problem ?? 'the run ended before all tests of the file had',
      );
    if (file.hasBegun) return file.brokenOff(end.quoted, this.#problem);
    if (this.#cannotBegin !== undefined) return errored('infra_error', this.#cannotBegin);
    if (file.errors.length > 0) return file.verdict('failed', end.how, this.#problem);
    return this.#files.size > 1 ? this.#tryAgain(path) : this.#noTest(end);
  }

  /** An exit of 1 is no surprise after any failure, of whatever file. */
  #explain(exit: ExitSays): ExitSays {
    const hasFailed = [...this.#files.values()].some((file) => file.hasFailure || file.errors.length > 0);
    return exit === 'failed' && hasFailed ? 'passed' : exit;
  }

  /** An error outside of tests is that of the files that it names; else of the last one that ran, or of the only one. */
  #isBlamed(path: string, file: ToldFile): boolean {
    if (this.#errors.length === 0) return false;
    const named = [...this.#files.keys()].filter((one) => this.#errors.some((text) => isNamed(text, one)));
    if (named.length > 0) return named.includes(path);
    return this.#files.size === 1 || this.#running === file;
  }

  /** Each try must bring a result: what ends a process before its first test would end it again and again. */
  #tryAgain(path: string): BatchRest {
    const others = [...this.#files.values()];
    const hasResult = others.some((one) => one.hasBegun || one.errors.length > 0);
    // Where the run ended by itself and this file had no tests, others may have kept it from having some.
    const isEmpty = this.#hasEnded && this.#errors.length === 0 && this.#plan?.has(path) !== true;
    return (hasResult && !isEmpty) || this.#isShortened ? 'again' : 'alone';
  }

  #noTest({ exit, how, quoted }: RunEnd): AttemptResult {
    const words = `no test ran: ${this.#hasEnded ? `there is none in the file, or none is selected (${how})` : quoted}`;
    return errored(exit === 'broken' ? 'infra_error' : 'report_error', words);
  }
}

/** As a place in a stack, or as a path of its own. */
const isNamed = (text: string, path: string): boolean =>
  [path, encodeURI(path)].some(
    (one) => text.includes(`${one}:`) || text.includes(`${one}?`) || text.includes(`${one}\n`),
  );
