import type { BatchRequest } from '../batch.ts';
import type { DrivesDevices } from '../preset.ts';

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
  /** It installs the app by itself, whatever is on the device. */
  readonly installsItself?: boolean;
  /** It drives devices by itself. */
  readonly drives?: DrivesDevices;
  /** A file beside this one that runs in its processes. */
  readonly hook?: string;
  /** Statements of the generated configuration that change `own`, the suite's own; they run in each process. */
  readonly adapt?: (request: BatchRequest, hooks: Hooks) => string;
}

/** Absolute paths: the copy of the member's hook, and where its package is installed. */
export interface Hooks {
  readonly hook: string;
  readonly home: string;
}

export interface MemberSettings {
  readonly config?: string | undefined;
  readonly project?: string | undefined;
  readonly blob_report: boolean;
  readonly uses: readonly string[];
}
