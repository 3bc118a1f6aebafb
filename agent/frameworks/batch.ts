import type { ChildEnd, Command, OutputStream } from '../children/run-child.ts';
import type { AttemptResult } from '../reports/attempt-result.ts';
import type { OutsideFile, RunRequest } from './request.ts';

/** A file that one process runs beside others. */
export interface BatchTest {
  /** Relative to the root, POSIX, checked to be a file inside. */
  readonly testPath: string;
  /** Of a retry: the tests that have not passed, by the framework's ids. Absent: all tests of the file. */
  readonly only?: readonly string[] | undefined;
}

/** Several files of one framework and one configuration, for one process. Folders are absolute and exist. */
export interface BatchRequest extends RunRequest {
  readonly tests: readonly BatchTest[];
  /** For reports and other files of this process alone. */
  readonly folder: string;
  /** A UUID, for the names of files. */
  readonly id: string;
  /** The web servers that are up for it, as their configuration describes them. */
  readonly servers?: string | undefined;
}

/** What a process tells about its files while it runs. Files are named by their test paths. */
export interface BatchListener {
  /**
   * From now on a test of this file runs; undefined: none. The first time for a file is its start. `at`: since when, by the
   * clock of this host, epoch ms.
   */
  runs(testPath: string | undefined, at: number): void;
  /** Undefined: it is no file's own, such as that of a web server before the first test. */
  output(testPath: string | undefined, bytes: Buffer): void;
  /** It has put the app on the device by itself. */
  installed(): void;
  /** No more tests of this file run. */
  ended(testPath: string, result: AttemptResult): void;
}

/**
 * What becomes of a file that has no result when its process has ended: a result after all, or it is run again, beside
 * others or in a process of its own; `whole`: with all its tests, since not all that were asked for are there.
 */
export type BatchRest = AttemptResult | 'again' | 'alone' | 'whole';

/** One process that runs several files and tells what it does. */
export interface BatchProcess {
  readonly command: Command;
  /** Files that it needs outside of its folder. They are written at its start and removed at its end. */
  readonly outside: readonly OutsideFile[];
  /** The file that an artifact belongs to, by its name; undefined where that does not say it. */
  ownerOf?(name: string): string | undefined;
  /** Takes what it writes. */
  read(bytes: Buffer, stream: OutputStream): void;
  /** Ends what runs of a file softly, with its evidence; nothing more of the file is started. */
  endTest(testPath: string): void;
  /** Ends what runs of a file by force; the next file goes on. */
  killTest(testPath: string): void;
  /** The files that have not begun are left out. */
  endRest(): void;
  /** After its end: what becomes of the files that have no result yet. `tail` are the last lines of its output. */
  close(end: ChildEnd, tail: string): Promise<ReadonlyMap<string, BatchRest>>;
}

/** One process that runs several files and tells nothing before its end. */
export interface PreparedBatch {
  readonly command: Command;
  /** The result of each file, by test path. `tail` are the last lines of the output. */
  read(end: ChildEnd, tail: string): Promise<ReadonlyMap<string, AttemptResult>>;
}
