import type { ChildEnd, Command } from '../children/run-child.ts';
import type { AttemptResult } from '../reports/attempt-result.ts';
import type { BatchListener, BatchProcess, BatchRequest, BatchTest, PreparedBatch } from './batch.ts';
import type { InstallRequest, OutsideFile, RunRequest } from './request.ts';

/** One attempt of one test. Folders are absolute and exist. */
export interface TestRequest extends RunRequest {
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

/** What a framework that drives devices by itself can do with one. */
export interface DrivesDevices {
  /** False: a browser of the host will do too. */
  readonly needsPhone: boolean;
  /** One at BrowserStack. */
  readonly clouds: boolean;
  /** Several as one. */
  readonly sets: boolean;
  /**
   * Whether it needs the file of an app version, since an address is of no use to it. `registered`: where the version is
   * registered; a version that is not has an app that the suite brings.
   */
  readonly needsFile: 'never' | 'registered' | 'always';
}

/** How one framework installs an app, and how it is stopped. */
export interface AnyPreset {
  readonly name: string;
  /** At this signal it writes its report and ends. */
  readonly ownSignal: NodeJS.Signals;
  /** Things that the host has once and that it takes for itself, by name. */
  readonly uses: readonly string[];
  /** It installs the app by itself, whatever is on the device: the agent leaves that to it. */
  readonly installsItself?: boolean | undefined;
  /** Absent: its tests find the device by the variables that they get. */
  readonly drives?: DrivesDevices | undefined;
  /** It can run the tests of a file whose title matches an expression. */
  readonly knowsGrep?: true;
  /** Absent: nothing is installed by the agent, the framework brings the app. */
  readonly install?: ((request: InstallRequest) => Command) | undefined;
}

/** A framework that runs a process for each file, or where it can for several, of which it tells at the end. */
export interface JobPreset extends AnyPreset {
  prepare(request: TestRequest): Promise<PreparedTest | { readonly rejected: string }>;
  readonly prepareBatch?: ((request: BatchRequest) => PreparedBatch) | undefined;
}

/** Files that one process can run together, and why not, if so. */
export interface TestGroup {
  readonly tests: readonly BatchTest[];
  readonly rejected?: string;
}

/** A framework of which one process runs several files and tells what it does. */
export interface BatchPreset extends AnyPreset {
  /** No file can be ended without its process: then the process is stopped, and the others go on in a fresh one. */
  readonly endsWhole?: true;
  group(root: string, tests: readonly BatchTest[]): TestGroup[];
  /** What starts the web servers of a test's configuration; undefined where it has none. */
  serves?(root: string, testPath: string, path: string | undefined): ServeProgram | undefined;
  /** The call by which a person runs one file, where that needs no configuration of ours; its output is for people. */
  byHand?(request: TestRequest): Command | undefined;
  /** Throws when the host does not let it. The process is not started here. */
  open(request: BatchRequest, listener: BatchListener): BatchProcess;
}

/** Paths are absolute. */
export interface ServeProgram {
  /** The suite's own configuration. */
  readonly own: string;
  readonly program: readonly string[];
}

/** How one framework is run, and how its reports are read. */
export type Preset = JobPreset | BatchPreset;
