import type { TestCase } from '../../../protocol/shapes/job.ts';
import {
  type AttemptResult,
  type ExitSays,
  errored,
  failedTests,
  verdictOfTests,
} from '../../reports/attempt-result.ts';
import type { ToldTest } from './told-shape.ts';

/** What was told of one file that a process was asked for. */
export class ToldFile {
  /** Relative to the root, POSIX. */
  readonly testPath: string;
  #tests: readonly ToldTest[] = [];
  readonly errors: string[] = [];
  #lost: string | undefined;
  /** A failure before that was the tests' own. */
  #hasFailed = false;
  hasBegun = false;
  /** No test of it is left. */
  hasEnded = false;
  /** Its result was told. */
  isDone = false;

  constructor(testPath: string) {
    this.testPath = testPath;
  }

  add(test: ToldTest): void {
    this.#tests = [...this.#tests, test];
    if (this.#lost === undefined && test.status === 'failed') this.#hasFailed = true;
  }

  replace(tests: readonly ToldTest[]): void {
    this.#tests = tests;
    if (this.#lost === undefined) this.#hasFailed = this.hasFailure;
  }

  lose(message: string): void {
    this.#lost ??= message;
  }

  get tests(): TestCase[] {
    return this.#tests.map((test) => readTest(test, this.testPath));
  }

  get hasFailure(): boolean {
    return this.#tests.some(({ status }) => status === 'failed');
  }

  /** The exit of its process can only make it worse; `how` is that exit, in words. `problem`: why what was told is not all. */
  verdict(exit: ExitSays, how: string, problem: string | undefined): AttemptResult {
    const { tests } = this;
    const words = this.errors.join('\n\n');
    if (this.#lost !== undefined && !this.#hasFailed) return errored('infra_error', this.#lost, tests);
    if (tests.length === 0) return errored('report_error', `no test ran: ${words || how}`);
    return verdictOfTests({
      tests,
      executed: tests.filter(({ status }) => status !== 'skipped').length,
      problem,
      exit: words === '' ? exit : 'failed',
      isPartial: this.errors.length > 0 || this.#lost !== undefined,
      how: words || how,
    });
  }

  /** Its process ended before it did; `how` as above, with the last lines of the output. */
  brokenOff(how: string, problem: string | undefined): AttemptResult {
    const { tests } = this;
    if (this.#lost !== undefined || failedTests(tests).length > 0)
      return this.verdict('failed', how, problem ?? 'the run ended before all tests of the file had');
    return errored('infra_error', `the run ended before its file did; ${how}`, tests);
  }
}

function readTest({ titles, status, failures, duration, line }: ToldTest, file: string): TestCase {
  const isFlaky = status === 'passed' && failures.length > 0;
  const message = status === 'skipped' ? '' : failures.filter((text) => text !== '').join('\n\n');
  return {
    name: titles.filter(Boolean).join(' › ') || file,
    file,
    ...(line !== undefined && { line }),
    status: isFlaky ? 'flaky' : status,
    duration_ms: Number.isFinite(duration) ? Math.max(0, Math.round(duration)) : 0,
    ...(message !== '' && { message }),
  };
}
