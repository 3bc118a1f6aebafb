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

/** The runs of tests of one attempt after the other. */
class Runs {
  readonly lines: BlobLine[] = [];
  readonly #known: ReadonlySet<string>;
  readonly #retries = new Map<string, number>();
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
    const open = new Map<string, { readonly testId: string; readonly startTime: number }>();
    for (const line of lines) {
      const { testId, resultId, test, result } = line.params;
      if (line.method === 'onTestBegin') {
        if (testId === undefined || result === undefined || !this.#known.has(testId)) continue;
        open.set(result.id, { testId, startTime: result.startTime ?? 0 });
        this.lines.push({ ...line, params: { testId, result: this.#begin(testId, result) } });
        continue;
      }
      const run = open.get(resultId ?? result?.id ?? '');
      if (run === undefined || run.testId !== (testId ?? test?.testId)) continue;
      this.lines.push(line);
      if (line.method === 'onTestEnd' && result) this.#end(open, result);
    }
    for (const [id, { testId }] of open) this.lines.push(cutShort(id, testId));
  }

  #begin(testId: string, result: BlobResult): object & BlobResult {
    const retry = this.#retries.get(testId) ?? 0;
    this.#retries.set(testId, retry + 1);
    this.#from = Math.min(this.#from, result.startTime ?? 0);
    return { ...result, ...{ retry } };
  }

  #end(open: Map<string, { readonly startTime: number }>, { id, duration = 0 }: BlobResult): void {
    this.#to = Math.max(this.#to, (open.get(id)?.startTime ?? 0) + duration);
    open.delete(id);
  }
}

/** A run whose end nobody told. */
const cutShort = (id: string, testId: string): BlobLine => {
  const errors = [{ message: 'The process of this test ended before the test did.' }];
  const test = { testId, expectedStatus: 'passed', timeout: 0, annotations: [] };
  const result = { id, status: 'failed', duration: 0, errors, attachments: [] };
  return { method: 'onTestEnd', params: { test, result } };
};
