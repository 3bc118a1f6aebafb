import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve, sep } from 'node:path';
import * as core from '@actions/core';
import { pathInside } from '../../client/path-inside.ts';
import { cleanLine } from '../../report/clean-lines.ts';
import { toCtrf } from '../../report/ctrf.ts';
import { toJunit } from '../../report/junit.ts';
import type { RunRecord } from '../../report/run-record.ts';
import type { Outputs } from './outputs.ts';

interface ReportPlace {
  /** Absolute: the folder of the job's checkouts, in which no link is followed. */
  readonly workspace: string;
  /** Absolute: what `reportPath` is relative to. */
  readonly directory: string;
  readonly reportPath: string;
}

/** Writes run.json, junit.xml and ctrf.json; returns the outputs that name them. A full disk fails no step whose tests passed. */
export function writeReport(record: RunRecord, { workspace, directory, reportPath }: ReportPlace): Outputs {
  const folder = resolve(directory, reportPath);
  const junit = join(folder, 'junit.xml');
  try {
    makeFolder(workspace, folder);
    replaceFile(join(folder, 'run.json'), `${JSON.stringify(record, null, 2)}\n`);
    const whole = { ...record, jobs: [...record.jobs, ...(record.earlier ?? [])] };
    replaceFile(junit, toJunit(whole));
    replaceFile(join(folder, 'ctrf.json'), `${JSON.stringify(toCtrf(whole), null, 2)}\n`);
    return { 'report-path': folder, 'junit-path': junit };
  } catch (error) {
    core.warning(`the report was not written: ${cleanLine((error as Error).message)}`);
    return {};
  }
}

/**
 * Makes a folder and those above it. Below `root`, which holds code of a pull request, no link is followed: its author
 * could make the step write anywhere. A folder elsewhere is the choice of the workflow's author. Errors: the system's,
 * or that a link or a file is in the way.
 */
function makeFolder(root: string, folder: string): void {
  const below = pathInside(root, folder);
  if (below === undefined) {
    mkdirSync(folder, { recursive: true });
    return;
  }
  let path = root;
  for (const part of below.split(sep).filter((one) => one !== '')) {
    path = join(path, part);
    makeOne(path);
  }
}

function makeOne(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const found = lstatSync(path);
  if (found.isSymbolicLink()) throw new Error(`${path} is a link, which is not followed here`);
  if (!found.isDirectory()) throw new Error(`${path} is no folder`);
}

/**
 * Writes a file whole or not at all: into a new file beside it, which then takes the name. Whatever had the name is
 * replaced; a link is not followed.
 */
function replaceFile(path: string, text: string): void {
  const draft = `${path}.${randomUUID()}`;
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = constants;
  try {
    const file = openSync(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644);
    try {
      writeFileSync(file, text);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}
