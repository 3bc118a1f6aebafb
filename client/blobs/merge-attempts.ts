import type { Blob, BlobEntry, BlobLine, BlobResult, BlobSuite } from './blob-shape.ts';

export interface MergeOptions {
  /** Absolute: what the paths of tests are relative to. */
  readonly root: string;
  /** A word beside each test, such as the target; undefined: none. */
  readonly name: string | undefined;
  /** Whether the tests are as they should be, in the end. */
  readonly isFine: boolean;
}

/**
 * The lines of one blob report of a test file, from what its attempts left: a test that ran in several of them is one test
 * with retries. What an attempt tells of no test of its own is left out: Playwright would merge nothing at all.
 */
export function mergeAttempts(blobs: readonly Blob[], { root, name, isFine }: MergeOptions): BlobLine[] {
  const known = new Set<string>();
  const projects = blobs.flatMap((blob) =>
    blob.projects.map((project) => ({ ...project, suites: project.suites.map((one) => unseen(one, known)) })),
  );
  const runs = new Runs(known);
  for (const blob of blobs) runs.add(blob);
  const config = {
    ...{ rootDir: root, version: blobs[0]?.playwright ?? '', workers: 1, metadata: {}, shard: null },
    ...{ globalTimeout: 0, maxFailures: 0, globalSetup: null, globalTeardown: null },
  };
  const lines = [
    { method: 'onBlobReportMetadata', params: { version: 2, pathSeparator: '/', ...(name && { name }) } },
    { method: 'onConfigure', params: { config } },
    ...projects.map((project) => ({ method: 'onProject', params: { project } })),
    { method: 'onBegin', params: {} },
    ...runs.lines,
    { method: 'onEnd', params: { result: { status: isFine ? 'passed' : 'failed', ...runs.span() } } },
  ];
  return lines as BlobLine[];
}

/** The suite with those of its tests that no earlier attempt had. */
function unseen(suite: BlobSuite, known: Set<string>): BlobSuite {
  const entries = suite.entries.flatMap((entry): BlobEntry[] => {
    if ('entries' in entry) return [unseen(entry, known)];
    if (known.has(entry.testId)) return [];
    known.add(entry.testId);
    return [entry];
  });
  return { ...suite, entries };
}

/** A run of a test that has begun. */
interface Open {
  readonly testId: string;
  /** Epoch ms. */
  readonly startTime: number;
  /** Its begin, and what came after it. */
  readonly lines: BlobLine[];
  /** By the id of a step: how many are above it. */
  readonly steps: Map<string, number>;
}

/** Steps in steps. */
const deepest = 100;

/** The runs of tests of one attempt after the other. */
class Runs {
  readonly lines: BlobLine[] = [];
  readonly #known: ReadonlySet<string>;
  readonly #retries = new Map<string, number>();
  readonly #begun = new Set<string>();
  /** Epoch ms. */
  #from = Number.POSITIVE_INFINITY;
  #to = 0;

  constructor(known: ReadonlySet<string>) {
    this.#known = known;
  }

  span(): { readonly startTime: number; readonly duration: number } {
    return this.#to === 0
      ? { startTime: 0, duration: 0 }
      : { startTime: this.#from, duration: Math.max(0, this.#to - this.#from) };
  }

  add({ lines }: Blob): void {
    const open = new Map<string, Open>();
    for (const line of lines) {
      const { testId, resultId, test, result } = line.params;
      if (line.method === 'onTestBegin') {
        if (testId === undefined || result === undefined || !this.#known.has(testId)) continue;
        if (this.#begun.has(result.id)) continue;
        open.set(result.id, this.#begin(line, testId, result));
        continue;
      }
      const id = resultId ?? result?.id ?? '';
      const run = open.get(id);
      if (run === undefined || run.testId !== (testId ?? test?.testId)) continue;
      if (line.method === 'onTestEnd' && result) {
        this.#end(run, line, result);
        open.delete(id);
      } else if (isPlayable(run, line)) run.lines.push(line);
    }
    for (const [id, run] of open) {
      const line = cutShort(id, run.testId);
      this.#end(run, line, line.params.result);
    }
  }

  #begin(line: BlobLine, testId: string, result: BlobResult): Open {
    const retry = this.#retries.get(testId) ?? 0;
    const { id, startTime = 0 } = result;
    this.#retries.set(testId, retry + 1);
    this.#begun.add(id);
    this.#from = Math.min(this.#from, startTime);
    const begun = { ...line, params: { testId, result: { ...result, ...{ retry } } } };
    return { testId, startTime, lines: [begun], steps: new Map() };
  }

  #end({ startTime, lines }: Open, line: BlobLine, result: BlobResult | undefined): void {
    const { duration = 0, attachments = [] } = result ?? {};
    this.#to = Math.max(this.#to, startTime + duration);
    this.lines.push(...lines.map((one) => withAttachments(one, attachments.length)), line);
  }
}

/** Playwright makes no page of a step that ends without a begin, and none of steps without end in each other. */
function isPlayable({ steps }: Open, { method, params: { step } }: BlobLine): boolean {
  if (step === undefined) return true;
  if (method === 'onStepEnd') return steps.has(step.id);
  const depth = 1 + (steps.get(step.parentStepId ?? '') ?? -1);
  if (steps.has(step.id) || depth > deepest) return false;
  steps.set(step.id, depth);
  return true;
}

/** A step with those of its attachments that its run has: of the others Playwright makes no page. */
function withAttachments(line: BlobLine, count: number): BlobLine {
  const { step } = line.params;
  if (step?.attachments === undefined) return line;
  const attachments = step.attachments.filter((one) => Number.isInteger(one) && one >= 0 && one < count);
  return { ...line, params: { ...line.params, step: { ...step, attachments } } };
}

/** A run whose end nobody told. */
function cutShort(id: string, testId: string): BlobLine {
  const errors = [{ message: 'The process of this test ended before the test did.' }];
  const test = { testId, expectedStatus: 'passed', timeout: 0, annotations: [] };
  const result = { id, status: 'failed', duration: 0, errors, attachments: [] };
  return { method: 'onTestEnd', params: { test, result } };
}
