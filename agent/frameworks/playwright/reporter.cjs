// A reporter of Playwright Test. It runs in the suite's own process, in the version and the Node of the suite, so it is
// plain CommonJS and uses what Playwright has had since 1.44. It tells the agent what happens as it happens: each event
// is a line of JSON between two control characters in the standard output, where the output of the tests passes too, so
// that the agent sees both in their order. It also prints what the `list` reporter would print, for the log of the job.
'use strict';
const { readFileSync } = require('node:fs');
const Blobs = require('./blobs.cjs');

/** UTF-16 units of the texts of one error. */
const longestText = 50_000;
/** Of one run of a test; soft assertions may fail without end. */
const mostErrors = 20;
const pollMs = 50;

/**
 * @typedef {object} Options
 * @property {string} nonce In the mark of each event: the output of a test is not taken for one.
 * @property {string} control A file to which the agent appends orders, one JSON a line.
 * @property {string} worker A file in which the worker writes its pid.
 * @property {Record<string, string[]>} only By file: the ids of the tests that it is asked for.
 * @property {import('./blobs.cjs').BlobOptions} [blobs] Where a blob report of each file is left.
 */
module.exports = class QgjobReporter {
  /** @param {Options} options */
  constructor({ nonce, control, worker, only, blobs }) {
    // Of its own: a suite may put something in the place of process.stdout.write.
    this.write = process.stdout.write.bind(process.stdout);
    this.mark = `\u001b]qgjob;${nonce};`;
    this.control = control;
    this.worker = worker;
    this.only = only;
    this.blobs = blobs && new Blobs(blobs);
    this.done = 0;
    /** Ids of the tests of each file that have not ended. */
    this.open = new Map();
    this.begun = new Set();
    /** The file whose test began last. */
    this.current = undefined;
    /** The file of the test that runs now. */
    this.running = undefined;
    /** Files of which nothing more runs. */
    this.ended = new Set();
    /** Files whose end was told. */
    this.told = new Set();
    this.tell({ event: 'made' });
  }

  printsToStdio() {
    return true;
  }

  tell(event) {
    this.write(`${this.mark}${JSON.stringify(event)}\u0007`);
  }

  onBegin(config, suite) {
    this.blobs?.open(config, suite);
    this.tests = suite.allTests();
    for (const test of this.tests) {
      // A describe block's own retries are not turned off by the command line.
      test.retries = 0;
      const file = fileOf(test);
      if (!this.open.has(file)) this.open.set(file, new Set());
      this.open.get(file).add(test.id);
    }
    const files = [...this.open].map(([file, ids]) => ({ file, tests: ids.size }));
    const missing = Object.keys(this.only).filter((file) => !this.hasAll(file));
    this.tell({ event: 'begin', version: config.version, files, missing });
    for (const file of missing) this.skip((test) => fileOf(test) === file);
    this.timer = setInterval(() => this.obey(), pollMs);
    this.timer.unref();
  }

  /** A file in which a test that is asked for is not there any more would pass with the others alone. */
  hasAll(file) {
    const ids = this.open.get(file) ?? new Set();
    return this.only[file].every((id) => ids.has(id));
  }

  /** Carries out what the agent has written since the last time. */
  obey() {
    this.blobs?.flush();
    let lines;
    try {
      lines = readFileSync(this.control, 'utf8').split('\n').slice(0, -1);
    } catch {
      return;
    }
    for (const line of lines.slice(this.done)) {
      const { order, file } = JSON.parse(line);
      if (order === 'end') this.end(file);
      if (order === 'end-rest') this.skip((test) => !this.begun.has(fileOf(test)));
      // By now a test of another file may run.
      if (order === 'kill' && this.running === file) this.killWorker();
    }
    this.done = lines.length;
  }

  /** What is left of the file may come much later, after other files of its project: it need not be waited for. */
  end(file) {
    this.skip((test) => fileOf(test) === file);
    if (this.begun.has(file) && this.running !== file) this.tellEnd(file);
  }

  tellEnd(file) {
    if (this.told.has(file)) return;
    this.told.add(file);
    this.tell({ event: 'file-end', file });
  }

  /** What has no result is expected to be skipped: then Playwright starts no worker for it. */
  skip(isMeant) {
    for (const test of this.tests) {
      if (test.results.length > 0 || !isMeant(test)) continue;
      this.ended.add(fileOf(test));
      test.expectedStatus = 'skipped';
      test.annotations.push({ type: 'skip', description: 'ended by qgjob' });
    }
  }

  killWorker() {
    try {
      process.kill(Number(readFileSync(this.worker, 'utf8')), 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }

  onTestBegin(test, result) {
    const file = fileOf(test);
    if (this.ended.has(file) && !this.begun.has(file)) return;
    this.begun.add(file);
    this.current = file;
    this.running = file;
    if (this.told.has(file)) return;
    this.tell({ event: 'test-begin', file, at: Date.now() });
    this.blobs?.begin(file, test, result);
  }

  onTestEnd(test, result) {
    const file = fileOf(test);
    this.running = undefined;
    if (this.ended.has(file) && !this.begun.has(file)) return;
    const isLast =
      result.status === 'skipped' || result.status === test.expectedStatus || result.retry >= test.retries;
    this.print(test, result);
    if (!this.told.has(file)) this.blobs?.end(file, test, result);
    if (!isLast || this.told.has(file)) return;
    this.tell({ event: 'test-end', file, test: describe(test), redo: redoOf(test) });
    const left = this.open.get(file);
    left?.delete(test.id);
    if (left?.size === 0 || this.ended.has(file)) this.tellEnd(file);
  }

  print(test, result) {
    if (result.status === 'skipped') return this.write(`  - ${titleOf(test)}\n`);
    const isGood = result.status === test.expectedStatus;
    this.write(`  ${isGood ? '✓' : '✘'} ${titleOf(test)} (${Math.round(result.duration)} ms)\n`);
    if (isGood) return;
    for (const error of result.errors.slice(0, mostErrors)) this.write(`${indent(textOf(error))}\n`);
  }

  onStdOut(chunk, test) {
    this.pass(chunk, test);
  }

  onStdErr(chunk, test) {
    this.pass(chunk, test);
  }

  /** Output of a test that has ended may come while the next file runs. */
  pass(chunk, test) {
    const isLate = test && fileOf(test) !== this.current;
    if (isLate) this.tell({ event: 'output-of', file: fileOf(test) });
    this.write(chunk);
    if (isLate) this.tell({ event: 'output-of', file: this.current });
  }

  onError(error) {
    this.tell({
      event: 'error',
      message: messageOf(error),
      stack: cut(error.stack),
      file: error.location?.file,
    });
    this.write(`${textOf(error)}\n`);
  }

  onEnd() {
    clearInterval(this.timer);
    this.tell({ event: 'end' });
  }
};

/** The file that was asked for: a test that a helper makes has the helper's location. */
function fileOf(test) {
  for (let suite = test.parent; suite; suite = suite.parent)
    if (suite.type === 'file') return suite.location?.file ?? test.location.file;
  return test.location.file;
}

/** `[chromium] › cart › adds one` */
function titleOf(test) {
  const [, project, , ...titles] = test.titlePath();
  return [project && `[${project}]`, ...titles].filter(Boolean).join(' › ');
}

/** In the shape of a test in Playwright's JSON report, with its place and its id. */
function describe(test) {
  const [, project, , ...titles] = test.titlePath();
  return {
    id: test.id,
    titles,
    file: test.location.file,
    line: test.location.line,
    projectName: project,
    expectedStatus: test.expectedStatus,
    status: test.outcome(),
    results: test.results.map((result) => ({
      status: result.status,
      duration: result.duration,
      errors: result.errors.slice(0, mostErrors).map((error) => ({ message: messageOf(error) })),
    })),
    attachments: test.results.flatMap(({ attachments }) =>
      attachments.flatMap(({ name, path, contentType }) => (path ? [{ name, path, contentType }] : [])),
    ),
  };
}

/**
 * The ids of the tests that must run again for this one to pass: of a serial group all, since a later one needs the
 * earlier ones. Empty for a test that is as it should be. One that was not run (a hook before it failed) counts too.
 */
function redoOf(test) {
  const isFine =
    test.outcome() === 'expected' || (test.outcome() === 'skipped' && test.expectedStatus === 'skipped');
  if (isFine) return [];
  let group;
  for (let suite = test.parent; suite; suite = suite.parent)
    if (suite._parallelMode === 'serial') group = suite;
  return group ? group.allTests().map(({ id }) => id) : [test.id];
}

function messageOf(error) {
  return cut(error.message ?? error.value) ?? '';
}

/** As a terminal shows it: with the stack and the lines of the code. */
function textOf(error) {
  const text = error.stack || error.message || error.value || '';
  return cut(error.snippet ? `${text}\n\n${error.snippet}` : text);
}

function cut(text) {
  return text === undefined || text.length <= longestText ? text : `${text.slice(0, longestText)}…`;
}

function indent(text) {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
