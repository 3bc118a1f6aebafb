import { join, resolve } from 'node:path';
import * as core from '@actions/core';
import type { RunRecord } from '../follow/run-record.ts';
import { cleanLine } from '../log/clean-lines.ts';
import { toJunit } from './junit.ts';
import type { Outputs } from './outputs.ts';
import { makeFolder, replaceFile } from './write-safely.ts';

export interface ReportPlace {
  /** Absolute: the folder of the job's checkouts, in which no link is followed. */
  readonly workspace: string;
  /** Absolute: what `reportPath` is relative to. */
  readonly directory: string;
  readonly reportPath: string;
}

/** Writes run.json and junit.xml; answers the outputs that name them. A full disk fails no step whose tests passed. */
export function writeReport(record: RunRecord, { workspace, directory, reportPath }: ReportPlace): Outputs {
  const folder = resolve(directory, reportPath);
  const junit = join(folder, 'junit.xml');
  try {
    makeFolder(workspace, folder);
    replaceFile(join(folder, 'run.json'), `${JSON.stringify(record, null, 2)}\n`);
    replaceFile(junit, toJunit(record));
    return { 'report-path': folder, 'junit-path': junit };
  } catch (error) {
    core.warning(`the report was not written: ${cleanLine((error as Error).message)}`);
    return {};
  }
}
