// A reporter of Jest: it tells the agent what happens as it happens.
'use strict';
const { readFileSync, realpathSync } = require('node:fs');
const { channel, tell, write, textOf } = require('./tell.cjs');

module.exports = class QgjobReporter {
  n = 0;
  /** Messages of failed tries, by the names of their tests; of the file that runs. */
  tries = new Map();

  tell(event) {
    tell({ n: this.n, ...event });
    this.n += 1;
  }

  onTestFileStart({ path }) {
    if (isShortened()) return endAll();
    this.tries = new Map();
    this.tell({ event: 'test-begin', file: realpathSync(path), at: Date.now() });
  }

  /** For the log, and for a file that does not come to its end: a test that failed here may be tried again. */
  onTestCaseResult({ path }, result) {
    const test = describe(result, []);
    const failed = this.tries.get(result.fullName) ?? [];
    this.tries.set(result.fullName, [...failed, ...test.failures]);
    this.tell({ event: 'test-end', file: realpathSync(path), test });
    print(test);
  }

  onTestFileResult({ path }, result) {
    const file = realpathSync(path);
    this.tell({
      event: 'tests',
      file,
      tests: result.testResults.map((one) => describe(one, this.tries.get(one.fullName))),
    });
    this.tell({ event: 'file-end', file, errors: errorsOf(result) });
  }

  onRunComplete() {
    this.tell({ event: 'end' });
  }
};

/** The agent has written that no further file shall begin. */
function isShortened() {
  try {
    return readFileSync(channel.control, 'utf8').includes('end-rest');
  } catch {
    return false;
  }
}

/** Jest has no other way: the whole group, as the agent does it. */
function endAll() {
  process.kill(0, 'SIGINT');
}

/** A file that could not be loaded, or that failed outside of its tests. */
function errorsOf({ testExecError, failureMessage, numFailingTests }) {
  if (testExecError) return [textOf(testExecError)];
  return failureMessage && numFailingTests === 0 ? [textOf(failureMessage)] : [];
}

/** `tries`: messages of the tries before, of which Jest itself only keeps the count. */
function describe(
  { ancestorTitles, title, status, duration, failureMessages, invocations, location },
  tries = [],
) {
  const said = status === 'passed' || status === 'failed' ? status : 'skipped';
  const before = invocations > 1 ? (tries.length > 0 ? tries : ['it failed before']) : [];
  const failures = said === 'failed' ? failureMessages.map(textOf) : before;
  return {
    titles: [...ancestorTitles, title],
    status: said,
    failures: said === 'skipped' ? [] : failures,
    duration: duration ?? 0,
    ...(location && { line: location.line }),
  };
}

function print({ titles, status, duration }) {
  const mark = { passed: '✓', failed: '✘', skipped: '-' }[status];
  const took = status === 'skipped' ? '' : ` (${Math.round(duration)} ms)`;
  write(`  ${mark} ${titles.join(' › ')}${took}\n`);
}
