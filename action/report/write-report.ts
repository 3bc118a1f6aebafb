import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as core from '@actions/core';
import type { RunRecord } from '../follow/run-record.ts';
import { cleanLine } from '../log/clean.ts';
import { toJunit } from './junit.ts';
import type { Outputs } from './outputs.ts';

/** Writes run.json and junit.xml; answers the outputs that name them. A full disk fails no step whose tests passed. */
export function writeReport(record: RunRecord, directory: string, reportPath: string): Outputs {
  const folder = resolve(directory, reportPath);
  const junit = join(folder, 'junit.xml');
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'run.json'), `${JSON.stringify(record, null, 2)}\n`);
    writeFileSync(junit, toJunit(record));
    return { 'report-path': folder, 'junit-path': junit };
  } catch (error) {
    core.warning(`the report was not written: ${cleanLine((error as Error).message)}`);
    return {};
  }
}
