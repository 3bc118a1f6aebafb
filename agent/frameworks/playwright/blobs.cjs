// Used by reporter.cjs: leaves of each file what Playwright's own `merge-reports` makes a page of. These are the lines of
// a blob report of version 2, which each Playwright since 1.44 reads, from what the public API of reporters tells. They
// are appended as tests end, so that a process that is killed leaves what it knew; attachments are named, not copied.
'use strict';
const { appendFileSync, mkdirSync } = require('node:fs');
const { dirname, join, relative, sep } = require('node:path');

/** Bytes of a file's lines: beyond the first, steps and output are left out; beyond the second, everything. */
const manyBytes = 16 * 1024 * 1024;
const mostBytes = 48 * 1024 * 1024;
/** UTF-16 units of one text; of the output of one run of a test. */
const longestText = 50_000;
const mostErrors = 20;
/** Bytes of an attachment that is no file. */
const largestBody = 1024 * 1024;

/**
 * @typedef {object} BlobOptions
 * @property {string} prefix Absolute: the paths of the blobs without `-<number>.jsonl`.
 * @property {string[]} files Absolute: the files that were asked for; the place of each is its number, from 1 on.
 * @property {string} artifacts Absolute: where the files lie that attachments may name.
 * @property {string} root Absolute: what the paths of tests are relative to.
 */
module.exports = class Blobs {
  /** @param {BlobOptions} options */
  constructor({ prefix, files, artifacts, root }) {
    this.prefix = prefix;
    this.asked = [...files];
    this.artifacts = artifacts;
    this.root = root;
    /** By file: where its lines go, and how many bytes they have. */
    this.files = new Map();
    this.ids = new WeakMap();
    /** The test that runs now, as long as nothing of it is written. */
    this.begun = undefined;
    this.isOff = false;
  }

  open(config, suite) {
    this.version = config.version;
    this.suite = suite;
  }

  begin(file, test, result) {
    this.safely(() => {
      this.begun = { file, test, result };
    });
  }

  /** A run of a test that lasts is written before its end: its process may be killed. */
  flush() {
    this.safely(() => {
      if (this.begun) this.append(this.begun.file, [beginOf(this.begun, this.idOf(this.begun.result))]);
      this.begun = undefined;
    });
  }

  end(file, test, result) {
    this.safely(() => {
      const id = this.idOf(result);
      const lines = this.begun?.result === result ? [beginOf(this.begun, id)] : [];
      this.begun = undefined;
      const size = this.files.get(file)?.size ?? 0;
      if (size > mostBytes) return;
      if (size < manyBytes) lines.push(...this.details(test, result, id));
      lines.push(this.endOf(test, result, id));
      this.append(file, lines);
    });
  }

  /** Whatever goes wrong here, the run goes on without it. */
  safely(work) {
    if (this.isOff) return;
    try {
      work();
    } catch {
      this.isOff = true;
    }
  }

  append(file, lines) {
    let known = this.files.get(file);
    if (!known) {
      // Others come after them, such as the set-up of a project.
      if (!this.asked.includes(file)) this.asked.push(file);
      known = { path: `${this.prefix}-${this.asked.indexOf(file) + 1}.jsonl`, size: 0 };
      this.files.set(file, known);
      mkdirSync(dirname(known.path), { recursive: true });
      lines.unshift(...this.head(file));
    }
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    known.size += text.length;
    appendFileSync(known.path, text);
  }

  head(file) {
    const path = this.pathOf(file);
    const projects = this.suite.suites.flatMap((project) => {
      const suites = project.suites.filter((one) => one.location?.file === file);
      return suites.length === 0
        ? []
        : [{ method: 'onProject', params: { project: this.project(project, suites) } }];
    });
    const metadata = { version: 2, file: path, playwright: this.version };
    return [{ method: 'onBlobReportMetadata', params: metadata }, ...projects];
  }

  project(suite, files) {
    const { name, repeatEach, timeout, use } = suite.project();
    return {
      ...{
        name,
        repeatEach,
        timeout,
        retries: 0,
        metadata: {},
        dependencies: [],
        use: { testIdAttribute: use?.testIdAttribute },
      },
      ...{
        outputDir: '',
        testDir: '',
        snapshotDir: '',
        testIgnore: [],
        testMatch: [],
        grep: [],
        grepInvert: [],
      },
      suites: files.map((file) => ({ ...this.suiteOf(file), title: this.pathOf(file.location.file) })),
    };
  }

  suiteOf(suite) {
    const entries = suite
      .entries()
      .map((entry) => ('results' in entry ? this.testOf(entry) : this.suiteOf(entry)));
    return { title: suite.title, location: this.locationOf(suite.location), entries };
  }

  testOf(test) {
    return {
      testId: test.id,
      title: test.title,
      location: this.locationOf(test.location),
      retries: 0,
      tags: test.tags,
      repeatEachIndex: test.repeatEachIndex,
      annotations: plain(test.annotations),
    };
  }

  /** Its steps and what it printed. */
  details(test, result, id) {
    const of = { testId: test.id, resultId: id };
    const lines = [];
    const add = (steps, parentStepId) => {
      for (const step of steps) {
        const stepId = `${id}.${lines.length}`;
        const { title, category, startTime } = step;
        const begun = { id: stepId, parentStepId, title: cut(title), category, startTime: +startTime };
        lines.push({
          method: 'onStepBegin',
          params: { ...of, step: { ...begun, location: this.locationOf(step.location) } },
        });
        add(step.steps, stepId);
        const attachments = step.attachments?.map((one) => result.attachments.indexOf(one));
        const ended = { id: stepId, duration: step.duration, error: step.error && errorOf(step.error) };
        lines.push({
          method: 'onStepEnd',
          params: { ...of, step: { ...ended, ...(attachments?.length > 0 && { attachments }) } },
        });
      }
    };
    add(result.steps, undefined);
    for (const type of ['stdout', 'stderr']) {
      const data = cut(result[type].map(String).join(''));
      if (data) lines.push({ method: 'onStdIO', params: { ...of, type, data, isBase64: false } });
    }
    return lines;
  }

  endOf(test, result, id) {
    const annotations = plain(result.annotations ?? test.annotations);
    const { duration, status } = result;
    const errors = result.errors.slice(0, mostErrors).map(errorOf);
    const attachments = result.attachments.map((one) => this.attachmentOf(one));
    return {
      method: 'onTestEnd',
      params: {
        test: { testId: test.id, expectedStatus: test.expectedStatus, timeout: test.timeout, annotations },
        result: { id, duration, status, errors, attachments, annotations },
      },
    };
  }

  attachmentOf({ name, contentType, path, body }) {
    if (path !== undefined) return { name, contentType, path: inside(this.artifacts, path) };
    const base64 = body && body.length <= largestBody ? body.toString('base64') : undefined;
    return { name, contentType, base64 };
  }

  idOf(result) {
    if (!this.ids.has(result)) {
      this.count = (this.count ?? 0) + 1;
      this.ids.set(result, `${this.prefix.slice(-36)}.${this.count}`);
    }
    return this.ids.get(result);
  }

  locationOf(location) {
    const file = location && inside(this.root, location.file);
    return file === undefined ? undefined : { file, line: location.line, column: location.column };
  }

  pathOf(file) {
    return inside(this.root, file) ?? file;
  }
};

function beginOf({ test, result }, id) {
  const { workerIndex, parallelIndex, startTime } = result;
  const begun = { id, retry: 0, workerIndex, parallelIndex, startTime: +startTime };
  return { method: 'onTestBegin', params: { testId: test.id, result: begun } };
}

/** With `/`; undefined for a path outside. */
function inside(folder, path) {
  const way = relative(folder, path);
  return way === '' || way === '..' || way.startsWith(`..${sep}`) || join(folder, way) !== join(path)
    ? undefined
    : way.replaceAll(sep, '/');
}

const plain = (annotations) =>
  annotations.map(({ type, description }) => ({ type, description: cut(description) }));

const errorOf = ({ message, stack, value, snippet }) => ({
  ...{ message: cut(message), stack: cut(stack), value: cut(value), snippet: cut(snippet) },
});

function cut(text) {
  return typeof text !== 'string' || text.length <= longestText ? text : `${text.slice(0, longestText)}…`;
}
