// A reporter of WebdriverIO and root hooks of Mocha. They run in the suite's own worker, in the version and the Node of the
// suite, so this is plain CommonJS. They tell the agent what happens as it happens: each event is a line of JSON between two
// control characters in the standard output, where the output of the tests passes too, so that the agent sees both in their
// order.
'use strict';
const { readFileSync, rmSync, writeFileSync } = require('node:fs');

/** UTF-16 units of one message. */
const longestText = 50_000;
const pollMs = 50;

// The configuration, the hooks and the reporter may each load a copy of this file: their state is one.
const key = Symbol.for('qgjob.webdriverio');
globalThis[key] ??= { n: 0, isMuted: false, begun: new Set(), leftOut: new Set(), open: new Map() };
const state = globalThis[key];

/** Of its own: a suite may put something in the place of process.stdout.write. */
state.write ??= process.stdout.write.bind(process.stdout);

function tell(event) {
  if (state.isMuted) return;
  // WebdriverIO passes on whole lines.
  state.write(`\u001b]qgjob;${state.channel.nonce};${JSON.stringify({ n: state.n, ...event })}\u0007\n`);
  state.n += 1;
}

/**
 * The signal that ends a run is for the launcher, which deletes the session by this worker and then ends it. What tests do
 * after that, without a session, says nothing of them.
 */
function stayAtSignals() {
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.removeAllListeners(signal);
    process.on(signal, () => {
      state.isMuted = true;
    });
  }
}

/** An error while the files were loaded: those before it have run. */
function tellLoadError(result) {
  if (result instanceof Error) tell({ event: 'error', message: textOf(result) });
}

/** Root hooks of Mocha, which takes them from a file that it requires. */
const mochaHooks = {
  beforeAll() {
    state.root = this.test.parent;
    select(state.root, state.channel?.grep);
    for (const file of filesOf(state.root)) state.open.set(file, partsOf(state.root, file));
    tell({ event: 'plan', files: [...state.open.keys()] });
    state.timer = setInterval(obey, pollMs);
    state.timer.unref();
  },
};

/** Leaves out the tests whose title does not match. */
function select(suite, grep) {
  if (grep === undefined) return;
  const expression = new RegExp(grep);
  suite.tests = suite.tests.filter((test) => expression.test(test.fullTitle()));
  for (const inner of suite.suites) select(inner, grep);
}

/** Whether Mocha runs it: the suite's configuration may have an expression of its own. */
function isSelected(test) {
  const { grep, isInverted } = state;
  if (grep === undefined || grep === null) return true;
  const [, body, flags] = /^\/(.*)\/([gimy]{0,4})$|.*/.exec(String(grep)) ?? [];
  const expression = grep instanceof RegExp ? grep : new RegExp(body ?? String(grep), flags ?? '');
  return expression.test(test.fullTitle()) !== isInverted;
}

function testsOf(suite) {
  return [...suite.tests.filter(isSelected), ...suite.suites.flatMap(testsOf)];
}

const filesOf = (root) => [...new Set(testsOf(root).map(({ file }) => file))];

/** How many parts of a file end on their own: its suites, and its tests outside of any. */
const partsOf = (root, file) =>
  root.tests.filter((test) => test.file === file && isSelected(test)).length +
  root.suites.filter((suite) => suite.file === file && testsOf(suite).length > 0).length;

/** Carries out what the agent has written. */
function obey() {
  let text = '';
  try {
    text = readFileSync(state.channel.control, 'utf8');
  } catch {
    return;
  }
  if (text.includes('end-rest')) leaveOutRest();
}

/** The files that have not begun are left out: Mocha does not come to suites that are not there any more. */
function leaveOutRest() {
  const { root, begun, leftOut, open } = state;
  if (!root) return;
  for (const file of open.keys()) if (!begun.has(file)) leftOut.add(file);
  // In place: Mocha goes on with this list.
  for (let index = root.suites.length - 1; index >= 0; index -= 1)
    if (leftOut.has(root.suites[index].file)) root.suites.splice(index, 1);
  for (const test of root.tests) if (leftOut.has(test.file)) test.pending = true;
}

/** Nothing more can be tested with this session: the other files get another one. */
function giveUp(file, message) {
  tell({ event: 'lost', file, message });
  leaveOutRest();
  const skip = (suite) => {
    for (const test of suite.tests) test.pending = true;
    suite.suites.forEach(skip);
  };
  if (state.root) skip(state.root);
}

/** Errors of the connection to the driver, and what drivers say when the session is gone. */
const lostWords =
  /invalid session id|session (?:is either terminated|does not exist|not found)|no such session|after session has been deleted|instrumentation process (?:is not running|cannot be initialized)|ECONNREFUSED|ECONNRESET|EPIPE|socket hang up|UND_ERR|fetch failed|other side closed/i;

/** WebdriverIO makes it with options, and calls `emit` for each event of the run. */
class QgjobReporter {
  isSynchronised = true;
  /** What the last command of the session came to, where it failed. */
  lastError = undefined;
  /** The messages of the tries of the test that runs. */
  tries = [];
  titles = [];
  current = undefined;

  emit(event, payload) {
    const handle = handlers[event];
    if (handle) handle(this, payload);
  }
}

const handlers = {
  'suite:start': (reporter, { title }) => reporter.titles.push(title),
  'suite:end': (reporter, { file }) => {
    reporter.titles.pop();
    if (reporter.titles.length === 0) endPart(file);
  },
  'hook:start': (reporter) => forget(reporter),
  'test:start': (reporter, { file }) => {
    forget(reporter);
    begin(reporter, file);
  },
  'test:retry': (reporter, { error }) => reporter.tries.push(textOf(error)),
  'test:pass': (reporter, payload) => finish(reporter, payload, 'passed'),
  'test:fail': (reporter, payload) => finish(reporter, payload, 'failed'),
  'test:pending': (reporter, payload) => {
    if (!state.leftOut.has(payload.file)) finish(reporter, payload, 'skipped');
  },
  'test:end': (reporter, { file }) => {
    if (reporter.titles.length === 0) endPart(file);
  },
  // Only one that failed has an error.
  'hook:end': (reporter, payload) => {
    if (payload.error) finish(reporter, { ...payload, file: payload.file ?? reporter.current }, 'failed');
  },
  'client:afterCommand': (reporter, { result }) => {
    reporter.lastError = result?.error;
  },
  'runner:start': (_reporter, { sessionId, config }) => noteSession(sessionId, config),
  'runner:end': (_reporter, { error }) => {
    rmSync(state.channel.session, { force: true });
    tell({ event: 'end', ...(error && { error: `there is no session: ${cut(String(error))}` }) });
  },
};

/** For the launcher: see endSession in adapt-config.cjs. One with an account's name is the service's own matter. */
function noteSession(sessionId, { protocol = 'http', hostname, port, path = '/', user } = {}) {
  if (!sessionId || !hostname || user) return;
  const base = `${protocol}://${hostname}:${port}${path.replace(/\/$/, '')}`;
  writeFileSync(state.channel.session, `${base}/session/${sessionId}`);
}

/** What a command before came to says nothing of what begins now. */
function forget(reporter) {
  reporter.lastError = undefined;
}

function begin(reporter, file) {
  state.begun.add(file);
  reporter.current = file;
  tell({ event: 'test-begin', file, at: Date.now() });
}

function finish(reporter, { title, file, error, duration }, status) {
  const { tries, titles, current } = reporter;
  reporter.tries = [];
  if (file === undefined) return tell({ event: 'error', message: `${title}: ${textOf(error)}` });
  if (!state.begun.has(file) || current !== file) begin(reporter, file);
  const lost = status === 'failed' ? lostIn(reporter) : undefined;
  if (lost !== undefined) giveUp(file, `the session was lost: ${cut(lost)}`);
  const failures = status === 'failed' ? [...tries, textOf(error)] : tries;
  const test = { titles: [...titles, title], status, failures, duration: duration ?? 0 };
  tell({ event: 'test-end', file, test });
  print(test);
}

/** It failed by a command that found no session. */
function lostIn({ lastError }) {
  const words = [lastError?.name, lastError?.code, lastError?.message].filter(Boolean).join(' ');
  return lostWords.test(words) ? words : undefined;
}

/** One part of a file has ended; after the last one nothing more of it runs. */
function endPart(file) {
  const left = (state.open.get(file) ?? 0) - 1;
  state.open.set(file, left);
  if (left === 0 && !state.leftOut.has(file)) tell({ event: 'file-end', file, errors: [] });
  // What comes next may have to be left out.
  obey();
}

function print({ titles, status, failures, duration }) {
  const mark = { passed: '✓', failed: '✘', skipped: '-' }[status];
  const took = status === 'skipped' ? '' : ` (${Math.round(duration)} ms)`;
  state.write(`  ${mark} ${titles.join(' › ')}${took}\n`);
  for (const text of status === 'skipped' ? [] : failures) state.write(`${text.replaceAll(/^/gm, '    ')}\n`);
}

/** With its stack, which often begins with the message. */
function textOf(error) {
  if (!error) return '';
  const { message = String(error), stack = '' } = error;
  return cut(stack.includes(message) ? stack : `${message}\n${stack}`.trim());
}

const cut = (text) => (text.length <= longestText ? text : `${text.slice(0, longestText)}…`);

module.exports = { state, tell, QgjobReporter, mochaHooks, stayAtSignals, tellLoadError };
