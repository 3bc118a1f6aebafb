import type { BlobLine, BlobProject, BlobSuite } from './blob-shape.ts';
import { elsewhere, tameLocation } from './tame-location.ts';
import { count, type Fields, fields, list, maybe, odd, oneOf, said, text } from './tame-value.ts';

const statuses = ['passed', 'failed', 'timedOut', 'skipped', 'interrupted'];
/** Groups in groups. */
const deepest = 50;

/** The lines that agents write, by their method. Playwright knows others, some of which name files. */
const readers = new Map<string, (params: Fields) => BlobLine['params']>([
  ['onProject', ({ project }) => ({ project: projectOf(fields(project)) })],
  ['onTestBegin', ({ testId, result }) => ({ testId: text(testId), result: begunOf(fields(result)) })],
  ['onStepBegin', (params) => ({ ...ofRun(params), step: stepOf(fields(params.step)) })],
  ['onStepEnd', (params) => ({ ...ofRun(params), step: endedStepOf(fields(params.step)) })],
  ['onStdIO', (params) => ({ ...ofRun(params), ...outputOf(params) })],
  ['onTestEnd', ({ test, result }) => ({ test: testEndOf(fields(test)), result: endedOf(fields(result)) })],
]);

/**
 * A line of a blob report after its first one, made anew of what it may hold: a test decides what stands there, and
 * Playwright believes it. Undefined for a line of another method. Errors: `invalid` for values of which Playwright would
 * make no page at all.
 */
export function tameLine(line: unknown): BlobLine | undefined {
  const { method, params } = fields(line);
  const read = readers.get(text(method));
  return read && { method: text(method), params: read(fields(params)) };
}

function projectOf({ name, repeatEach, timeout, use, suites }: Fields): BlobProject {
  const project = {
    name: said(name),
    repeatEach: maybe(repeatEach, count) ?? 1,
    timeout: maybe(timeout, count) ?? 0,
    use: { testIdAttribute: maybe(maybe(use, fields)?.testIdAttribute, text) },
    ...{ retries: 0, metadata: {}, dependencies: [], outputDir: '', testDir: '', snapshotDir: '' },
    ...{ testIgnore: [], testMatch: [], grep: [], grepInvert: [] },
    suites: list(suites, (one) => suiteOf(fields(one), 0)),
  };
  return project;
}

function suiteOf({ title, location, entries }: Fields, depth: number): BlobSuite {
  if (depth > deepest) throw odd('a group');
  const suite = {
    title: said(title),
    location: tameLocation(location),
    entries: list(entries, (one) => {
      const entry = fields(one);
      return 'entries' in entry ? suiteOf(entry, depth + 1) : testOf(entry);
    }),
  };
  return suite;
}

const testOf = ({ testId, title, location, tags, repeatEachIndex, annotations }: Fields) => ({
  testId: text(testId),
  title: said(title),
  location: tameLocation(location),
  retries: 0,
  tags: maybe(tags, (all) => list(all, said)) ?? [],
  repeatEachIndex: maybe(repeatEachIndex, count) ?? 0,
  annotations: annotationsOf(annotations),
});

const annotationsOf = (value: unknown): object[] =>
  maybe(value, (all) =>
    list(all, (one) => {
      const { type, description } = fields(one);
      return { type: said(type), description: maybe(description, said) };
    }),
  ) ?? [];

const begunOf = ({ id, workerIndex, parallelIndex, startTime }: Fields) => ({
  id: text(id),
  retry: 0,
  workerIndex: maybe(workerIndex, count) ?? 0,
  parallelIndex: maybe(parallelIndex, count) ?? 0,
  startTime: count(startTime),
});

const ofRun = ({ testId, resultId }: Fields) => ({ testId: text(testId), resultId: text(resultId) });

const stepOf = ({ id, parentStepId, title, category, startTime, location }: Fields) => ({
  id: text(id),
  parentStepId: maybe(parentStepId, text),
  title: said(title),
  category: said(category),
  startTime: count(startTime),
  location: maybe(location, tameLocation),
});

function endedStepOf({ id, duration, error, attachments }: Fields) {
  const places = maybe(attachments, (all) => list(all, count));
  const ended = { id: text(id), duration: maybe(duration, count) ?? 0, error: maybe(error, errorOf) };
  return { ...ended, ...(places && { attachments: places }) };
}

const outputOf = ({ type, data }: Fields) => ({
  type: oneOf(type, ['stdout', 'stderr']),
  data: said(data),
  isBase64: false,
});

const testEndOf = ({ testId, expectedStatus, timeout, annotations }: Fields) => ({
  testId: text(testId),
  expectedStatus: maybe(expectedStatus, (word) => oneOf(word, statuses)) ?? 'passed',
  timeout: maybe(timeout, count) ?? 0,
  annotations: annotationsOf(annotations),
});

const endedOf = ({ id, duration, status, errors, attachments, annotations }: Fields) => ({
  id: text(id),
  duration: maybe(duration, count) ?? 0,
  status: oneOf(status, statuses),
  errors: maybe(errors, (all) => list(all, errorOf)) ?? [],
  attachments: maybe(attachments, (all) => list(all, attachmentOf)) ?? [],
  annotations: annotationsOf(annotations),
});

/** Without a place Playwright takes one from the text of the stack, and shows that file. */
function errorOf(value: unknown): object {
  const { message, stack, value: thrown, snippet } = fields(value);
  const texts = { message: maybe(message, said), stack: maybe(stack, said), value: maybe(thrown, said) };
  return { ...texts, snippet: maybe(snippet, said), location: elsewhere };
}

function attachmentOf(value: unknown) {
  const { name, contentType, path, base64 } = fields(value);
  const words = { name: said(name), contentType: said(contentType) || 'application/octet-stream' };
  return { ...words, path: maybe(path, text), base64: maybe(base64, text) };
}
