import { isBlob } from '../../protocol/artifact-names.ts';
import type { Job } from '../../protocol/shapes/job.ts';

/** A line of a blob report of Playwright, as `tameLine` makes it: of what agents write, these parts alone. */
export interface BlobLine {
  readonly method: string;
  readonly params: {
    readonly testId?: string;
    readonly resultId?: string;
    readonly test?: object & { readonly testId: string };
    readonly result?: BlobResult;
    readonly step?: BlobStep;
    readonly project?: BlobProject;
    /** Of the first line: the test file, relative to the working directory, and the version of Playwright. */
    readonly file?: string;
    readonly playwright?: string;
  };
}

/** A run of a test, as its begin and its end tell of it. */
export interface BlobResult {
  readonly id: string;
  readonly status?: string;
  /** Epoch ms. */
  readonly startTime?: number;
  readonly duration?: number;
  readonly attachments?: readonly { readonly path?: string | undefined }[];
}

/** A step of a run, as its begin and its end tell of it. */
export interface BlobStep {
  readonly id: string;
  readonly parentStepId?: string | undefined;
  /** Of its end: places in the attachments of the run. */
  readonly attachments?: readonly number[];
}

export interface BlobProject {
  readonly name: string;
  readonly suites: readonly BlobSuite[];
}

export interface BlobSuite {
  readonly entries: readonly BlobEntry[];
}

export type BlobEntry = BlobSuite | { readonly testId: string };

/** What a process left of one test file. */
export interface Blob {
  readonly file: string;
  readonly playwright: string;
  readonly projects: readonly BlobProject[];
  /** All other lines, in their order. */
  readonly lines: readonly BlobLine[];
}

/** What a merged report shows: blobs, and what lies where Playwright's tests leave their attachments. */
export const isShown = (artifact: { readonly name: string }): boolean =>
  isBlob(artifact) || artifact.name.startsWith('test-results/');

/** Whether its tests have ids as Playwright makes them. */
export const mayLeaveBlob = ({ tests }: Pick<Job, 'tests'>): boolean =>
  (tests ?? []).some(({ id }) => id !== undefined && /^[0-9a-f]{20}-[0-9a-f]{20}/.test(id));
