import type { ChildEnd, Command } from '../children/run-child.ts';
import type { AttemptResult } from '../reports/attempt-result.ts';

/** The install of an app on one device. */
export interface InstallRequest {
  readonly root: string;
  /** Where the app is: a path or an address; empty when the framework brings it. */
  readonly app: string;
  readonly device: string;
  readonly artifacts: string;
  readonly env: Readonly<Record<string, string>>;
}

/** One attempt of one test. Folders are absolute and exist. */
export interface TestRequest extends InstallRequest {
  /** Relative to `root`, POSIX, checked to be a file inside. */
  readonly testPath: string;
  /** For reports and other files of this attempt alone. */
  readonly folder: string;
  readonly junit: string;
  /** A UUID, for the names of files. */
  readonly id: string;
}

export interface PreparedTest {
  readonly command: Command;
  /** Files that the test needs outside of its folder. They are written at its start and removed at its end. */
  readonly outside: readonly OutsideFile[];
  /** The result of the attempt. `tail` are the last lines of the output. */
  read(end: ChildEnd, tail: string): Promise<AttemptResult>;
}

export interface OutsideFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/** How one framework is run, and how its reports are read. */
export interface Preset {
  readonly name: string;
  /** At this signal it writes its report and ends. */
  readonly ownSignal: NodeJS.Signals;
  /** Absent: nothing is installed by the agent, the framework brings the app. */
  readonly install?: ((request: InstallRequest) => Command) | undefined;
  prepare(request: TestRequest): Promise<PreparedTest | { readonly rejected: string }>;
}
