import type { BatchRequest } from '../batch.ts';

/** A tool whose tests are run by Playwright Test. */
export interface Member {
  readonly name: 'playwright' | 'mobilewright' | 'appwright';
  /** The package that brings its Playwright Test. */
  readonly package: string;
  /** The name of its configuration, without the ending. */
  readonly configName: string;
  readonly settings: MemberSettings;
  /** More variables for its processes. `folder`: of this process alone. */
  readonly env?: (folder: string) => Readonly<Record<string, string>>;
  /** Statements of the generated configuration that change `own`, the suite's own; they run in each process. */
  readonly adapt?: (request: BatchRequest) => string;
  /** Modules that these statements use, as imports. */
  readonly imports?: string;
}

export interface MemberSettings {
  readonly config?: string | undefined;
  readonly project?: string | undefined;
  readonly blob_report: boolean;
  readonly uses: readonly string[];
}
